"""Statements that PostgreSQL reads and plans once, not for each chunk, and that it can
work on while something else is done here.

To plan the last look takes it as long as to look. The plan is one for any values,
for each of them finds its rows by their ids; and it is made anew whenever there is
twice as much, because what is the best way into an empty table is not when there are
thousands.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import count
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from django.db import connection, transaction

Rows = list[tuple[Any, ...]]

#: The driver's connection → text of a statement → its name there.
_named: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()
_numbers = count(1)
_PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|%)")


class Statement(NamedTuple):
    """Ready to be run: its text, and the values of its parameters."""

    text: str
    values: Mapping[str, Any]


#: Others fill the tables, too: a plan is older than this only while it is in use.
KEPT_SECONDS = 5.0


class Plans:
    """The plans of one sender, on whichever connection they meet."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._forget()
        self._messages = self._messages_then = 0

    def renew(self, messages: int) -> None:
        """A batch of so many begins: forget what was planned when fewer than half as
        many had been sent, or long ago."""
        self._messages += messages
        is_old = self._clock() - self._made_at >= KEPT_SECONDS
        if is_old or self._messages >= 2 * self._messages_then:
            self._forget()
            self._messages_then = self._messages

    def _forget(self) -> None:
        self._made: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
        self._made_at = self._clock()

    def bind(
        self, text: str, values: Mapping[str, Any], types: Mapping[str, str]
    ) -> Statement:
        """*text*, which has parameters with names, of PostgreSQL's *types*; planned
        now, where this connection has no plan of it yet."""
        if _is_behind_pooler():
            # The next statement may meet another connection.
            return Statement(text, values)
        listed = ", ".join(f"%({name})s" for name in _parameters(text))
        return Statement(f"EXECUTE {self._plan(text, types)} ({listed})", values)

    def fetch(
        self, text: str, values: Mapping[str, Any], types: Mapping[str, str]
    ) -> Rows:
        return fetch(self.bind(text, values, types))

    def _plan(self, text: str, types: Mapping[str, str]) -> str:
        connection.ensure_connection()
        wire = connection.connection
        names, made = _named.setdefault(wire, {}), self._made.setdefault(wire, set())
        if text not in made:
            name = f"onboarding_{next(_numbers)}"
            orders = _orders(name, names.pop(text, None), text, types)
            with connection.cursor() as cursor:
                cursor.execute("; ".join(orders))
            names[text] = name
            made.add(text)
        return names[text]


def fetch(statement: Statement) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        rows: Rows = cursor.fetchall()
    return rows


def fetch_beside(
    statements: Sequence[Statement], work: Callable[[], object]
) -> list[Rows]:
    """The rows of each: PostgreSQL runs them, in one transaction, while *work* is done
    here. It is committed when this returns.

    Where *work* breaks they are run all the same.
    """
    with ExitStack() as opened:
        cursors = [opened.enter_context(connection.cursor()) for _ in statements]
        if _is_behind_pooler():
            # Not every one lets questions follow one another without an answer.
            with transaction.atomic():
                _ask(cursors, statements)
            work()
        else:
            connection.ensure_connection()
            with connection.wrap_database_errors, connection.connection.pipeline():
                _ask(cursors, statements)
                work()
        return [cursor.fetchall() for cursor in cursors]


def _ask(cursors: Sequence[Any], statements: Sequence[Statement]) -> None:
    for cursor, statement in zip(cursors, statements, strict=True):
        cursor.execute(*statement)


def _is_behind_pooler() -> bool:
    return bool(connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"])


def _orders(
    name: str, former: str | None, text: str, types: Mapping[str, str]
) -> Iterator[str]:
    # PostgreSQL would judge a plan for any values as if each month of the journal
    # were read. They are not: it skips them when it runs.
    yield "SET plan_cache_mode = force_generic_plan"
    if former is not None:
        yield f"DEALLOCATE {former}"
    yield _prepare(name, text, types)


def _prepare(name: str, text: str, types: Mapping[str, str]) -> str:
    names = _parameters(text)
    listed = ", ".join(types[one] for one in names)
    numbers = {one: f"${number}" for number, one in enumerate(names, start=1)}
    body = _PLACEHOLDER.sub(lambda found: numbers.get(found[1], "%"), text)
    return f"PREPARE {name} ({listed}) AS {body}"


def _parameters(text: str) -> list[str]:
    found = (one[1] for one in _PLACEHOLDER.finditer(text))
    return list(dict.fromkeys(name for name in found if name))
