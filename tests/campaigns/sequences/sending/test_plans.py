"""A statement is read and planned once for a batch, and never outlives its use."""

import pytest
from django.db import ProgrammingError, connection

from campaigns.sequences.sending.plans import Plans

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
