"""A statement is read and planned once for many chunks, and never outlives its use."""

import psycopg
import pytest
from django.db import DataError, ProgrammingError, connection

from campaigns.sequences.sending.plans import (
    KEPT_SECONDS,
    Plans,
    Statement,
    fetch_beside,
)

from .judging import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

TYPES = {"first": "int", "what": "text"}
COUNTED = "SELECT n, %(what)s FROM generate_series(%(first)s, 3) AS n WHERE n %% 2 = 1"


def known():
    """Texts of the statements that this connection knows, and how often each ran."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements"
            " WHERE name LIKE 'onboarding%%'"
        )
        return cursor.fetchall()


@pytest.fixture(autouse=True)
def _fresh_connection():
    connection.close()


@pytest.fixture
def plans():
    return Plans()


def test_gives_what_the_statement_gives(plans):
    assert plans.fetch(COUNTED, {"first": 1, "what": "50 %"}, TYPES) == [
        (1, "50 %"),
        (3, "50 %"),
    ]


def test_a_batch_plans_it_once(plans):
    for first in range(4):
        plans.fetch(COUNTED, {"first": first, "what": "x", "unused": 1}, TYPES)
    [(_statement, generic, custom)] = known()
    assert (generic, custom) == (4, 0)


def test_each_batch_plans_anew_and_leaves_one_behind():
    for _batch in range(3):
        Plans().fetch(COUNTED, {"first": 1, "what": "x"}, TYPES)
    [(_statement, generic, custom)] = known()
    assert (generic, custom) == (1, 0)


class Watch:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(
    ("messages", "seconds", "often"),
    [
        (99, 0, 2),
        (100, 0, 1),
        (0, KEPT_SECONDS - 0.1, 2),
        (0, KEPT_SECONDS, 1),
    ],
)
def test_a_plan_serves_until_there_is_twice_as_much_or_it_is_old(
    messages, seconds, often
):
    clock = Watch()
    plans = Plans(clock)
    plans.renew(100)
    plans.fetch(COUNTED, {"first": 1, "what": "x"}, TYPES)
    clock.now += seconds
    plans.renew(messages)
    plans.fetch(COUNTED, {"first": 1, "what": "x"}, TYPES)
    [(_statement, generic, _custom)] = known()
    assert generic == often


def test_goes_on_with_a_new_connection(plans):
    plans.fetch(COUNTED, {"first": 1, "what": "x"}, TYPES)
    connection.close()
    assert len(plans.fetch(COUNTED, {"first": 1, "what": "x"}, TYPES)) == 2


def test_behind_a_pooler_nothing_is_kept_on_a_connection(plans, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    assert len(plans.fetch(COUNTED, {"first": 1, "what": "50 %"}, TYPES)) == 2
    assert known() == []


def test_a_statement_that_cannot_be_planned_fails_as_others_do(plans):
    for _again in range(2):
        with pytest.raises(ProgrammingError):
            plans.fetch("SELECT %(what)s FROM nowhere", {"what": "x"}, TYPES)
    assert len(plans.fetch(COUNTED, {"first": 1, "what": "x"}, TYPES)) == 2


def test_one_that_failed_the_second_time_is_made_anew():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE brief (id int)")
    text, values = "SELECT id FROM brief WHERE id = %(first)s", {"first": 1}
    Plans().fetch(text, values, TYPES)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE brief")
    with pytest.raises(ProgrammingError):
        Plans().fetch(text, values, TYPES)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE brief (id int)")
    assert Plans().fetch(text, values, TYPES) == []
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE brief")


@pytest.fixture
def written():
    """A table, and the numbers that stand in it."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE beside (n int)")
    yield lambda: [n for (n,) in rows_of("SELECT n FROM beside ORDER BY n")]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE beside")


def rows_of(text):
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchall()


def write(number):
    text = "INSERT INTO beside SELECT %(n)s::int RETURNING n"
    return Statement(text, {"n": number})


@pytest.fixture(params=("direct", "pooler"))
def wire(request, monkeypatch):
    pooled = request.param == "pooler"
    settings = connection.settings_dict
    monkeypatch.setitem(settings, "DISABLE_SERVER_SIDE_CURSORS", pooled)


@pytest.mark.usefixtures("wire")
def test_statements_run_while_something_else_is_done(plans, written):
    done = []
    planned = plans.bind(COUNTED, {"first": 1, "what": "x"}, TYPES)
    rows = fetch_beside([write(1), planned, write(2)], lambda: done.append(1))
    assert rows == [[(1,)], [(1, "x"), (3, "x")], [(2,)]]
    assert (done, written()) == ([1], [1, 2])


def test_nobody_waits_for_them_before_it_is_done(written):
    """The server has done the first before we ask for its answer."""
    [(pid,)] = rows_of("SELECT pg_backend_pid()")
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}"
    with psycopg.connect(
        address.format(**connection.settings_dict), autocommit=True
    ) as other:

        def is_done():
            asked = "SELECT query, state FROM pg_stat_activity WHERE pid = %s"
            [(query, state)] = other.execute(asked, [pid]).fetchall()
            return query.startswith("INSERT INTO beside") and state != "idle"

        fetch_beside([write(1)], lambda: wait_for(is_done))
    assert written() == [1]


@pytest.mark.usefixtures("wire")
def test_where_one_breaks_none_has_run(written):
    with pytest.raises(DataError):
        fetch_beside([write(1), write("no number")], lambda: None)
    assert written() == []
    assert fetch_beside([write(2)], lambda: None) == [[(2,)]]


def test_where_the_work_breaks_they_have_run(written):
    def starve():
        raise MemoryError

    with pytest.raises(MemoryError):
        fetch_beside([write(1)], starve)
    assert written() == [1]
