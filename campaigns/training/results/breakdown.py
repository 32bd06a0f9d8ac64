"""The funnel of each session, course or trainer beside one another, in pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Max, TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.staff.models import User
from campaigns.training.kinds import TOLD
from campaigns.training.models import Course, Session

from . import past
from .scope import TOLD_BEFORE, WINDOW, Scope

PAGE = 25


class By(TextChoices):
    SESSION = "session", _("Each session")
    COURSE = "course", _("Each course")
    TRAINER = "trainer", _("Each trainer")


@dataclass(frozen=True, slots=True)
class Line:
    """One of them and its numbers, counted as the report of it alone counts them."""

    key: int
    label: str
    session: Session | None = None
    told: int = 0
    booked: int = 0
    attended: int = 0
    ordered: int = 0
    regular: int = 0
    activated: int = 0
    cost: Decimal | None = None
    currency: str = ""

    @property
    def each(self) -> Decimal | None:
        """What each company cost that began to order; of one session alone."""
        if self.cost is None or not self.activated:
            return None
        return self.cost / self.activated


@dataclass(frozen=True, slots=True)
class Page:
    by: By
    lines: Sequence[Line]
    total: int
    number: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))

    @property
    def before(self) -> int:
        return self.number - 1

    @property
    def after(self) -> int:
        return self.number + 1


def page(scope: Scope, by: By, number: int = 1) -> Page:
    """Four statements, whatever the number of sessions."""
    keys = _keys(scope, by)
    number = min(max(number, 1), max(1, -(-len(keys) // PAGE)))
    shown = keys[(number - 1) * PAGE : number * PAGE]
    counted = _count(scope, by, shown)
    named = _NAMED[by](shown)
    lines = [_counted(named[key], counted.get(key, {})) for key in shown]
    return Page(by, lines, len(keys), number)


def _counted(line: Line, numbers: Mapping[str, Any]) -> Line:
    return replace(line, **numbers)


def _keys(scope: Scope, by: By) -> list[int]:
    """The latest session first; courses and trainers by their latest."""
    if by is By.SESSION:
        return list(scope.sessions().values_list("pk", flat=True))
    name = {By.COURSE: "course_id", By.TRAINER: "trainers"}[by]
    last = scope.sessions().order_by().values_list(name).annotate(last=Max("starts_at"))
    found = last.exclude(**{name: None}).order_by("-last", name)
    return [key for key, _last in found]


def _sessions(keys: Sequence[int]) -> Mapping[int, Line]:
    rows = Session.objects.filter(pk__in=keys).select_related("course")
    return {
        one.pk: Line(
            one.pk,
            one.course.title,
            one,
            cost=one.cost,
            currency=one.currency,
        )
        for one in rows
    }


def _courses(keys: Sequence[int]) -> Mapping[int, Line]:
    return {
        one.pk: Line(one.pk, one.title) for one in Course.objects.in_bulk(keys).values()
    }


def _trainers(keys: Sequence[int]) -> Mapping[int, Line]:
    return {
        one.pk: Line(one.pk, str(one)) for one in User.objects.in_bulk(keys).values()
    }


_NAMED = {By.SESSION: _sessions, By.COURSE: _courses, By.TRAINER: _trainers}

# As `rows` tells companies apart, for several scopes at once.
_COUNT = """
    WITH chosen (key, id, starts_at) AS MATERIALIZED (
        SELECT {key}, session.id, session.starts_at FROM training_session AS session
        {joined} WHERE session.id = ANY(%(sessions)s) AND {key} = ANY(%(keys)s)
    ), span AS (
        SELECT key, min(starts_at) AS first, max(starts_at) AS last,
               range_agg(tstzrange(starts_at - %(told_before)s, starts_at, '[]'))
                   AS told_in
        FROM chosen GROUP BY key
    ), barred AS MATERIALIZED (
        SELECT DISTINCT account_id FROM ({barred}) AS barred
        WHERE lo <= %(at)s AND %(at)s < hi
    ), seated AS MATERIALIZED (
        SELECT key, seat.account_id,
               bool_or(seat.booked_at IS NOT NULL OR seat.state IN
                       ('booked', 'attended', 'no_show')) AS booked,
               min(chosen.starts_at) FILTER (WHERE seat.state = 'attended') AS came_at
        FROM training_seat AS seat JOIN chosen ON chosen.id = seat.session_id
        WHERE seat.account_id NOT IN (TABLE barred)
        GROUP BY key, seat.account_id
    ), mail AS MATERIALIZED ({past}
    ), heard AS (
        SELECT key, account_id FROM seated WHERE booked
        UNION
        SELECT key, account_id FROM span JOIN mail
          ON mail.at <= span.last AND told_in @> mail.at
        WHERE account_id NOT IN (TABLE barred)
    ), told AS (
        SELECT key, count(*) AS told FROM heard GROUP BY key
    ), came AS (
        SELECT seated.*, came_at < online_first AS ordered,
               online_first <= came_at + %(window)s AS soon,
               regular_until > %(at)s AS regular
        FROM seated LEFT JOIN journal_accountprogress USING (account_id)
    )
    SELECT key, coalesce(max(told), 0), count(*) FILTER (WHERE booked),
           count(came_at), count(*) FILTER (WHERE ordered),
           count(*) FILTER (WHERE ordered AND regular),
           count(*) FILTER (WHERE ordered AND soon)
    FROM came FULL JOIN told USING (key) GROUP BY key
"""
_NUMBERS = ("told", "booked", "attended", "ordered", "regular", "activated")
_BY = {
    By.SESSION: ("session.id", ""),
    By.COURSE: ("session.course_id", ""),
    By.TRAINER: (
        "given.user_id",
        "JOIN training_session_trainers AS given ON given.session_id = session.id",
    ),
}


def _count(
    scope: Scope, by: By, keys: Sequence[int]
) -> Mapping[int, Mapping[str, int]]:
    key, joined = _BY[by]
    values: dict[str, Any] = {
        "sessions": list(scope.sessions().order_by().values_list("pk", flat=True)),
        "keys": list(keys),
        "told": TOLD,
        "told_before": TOLD_BEFORE,
        "window": WINDOW,
        "at": scope.at,
    }
    with connection.cursor() as cursor:
        text = _COUNT.format(key=key, joined=joined, past=past.TOLD, barred=past.BARRED)
        cursor.execute(text, values)
        return {
            key: dict(zip(_NUMBERS, numbers, strict=True))
            for key, *numbers in cursor.fetchall()
        }
