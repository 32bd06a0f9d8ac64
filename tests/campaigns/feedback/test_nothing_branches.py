"""Openings and clicks decide nothing: whatever branches does not read them."""

from contextlib import suppress

import pytest
from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import connection

from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.sequences import goals, touchpoints
from campaigns.sequences.audiences import conditions

#: Where openings and clicks are kept.
TABLES = ("feedback_report", "feedback_post", "sequences_measureddelivery")


#: Besides what it offers itself, one of these is a value for every condition.
GUESSES = (True, 3, "3", "2026-01-01", ["3"], [3], "ES", {})

UNFIT = (
    *(ValueError, TypeError, ArithmeticError, KeyError, AttributeError),
    *(ValidationError, EmptyResultSet),
)


def offered(field):
    """The values among which a person may choose, out of groups too."""
    for key, label in getattr(field, "choices", ()):
        if isinstance(label, (list, tuple)):
            yield from (value for value, _label in label)
        elif key:
            yield key


def asked(condition, at):
    """What the condition asks the database, for every value that fits it."""
    choices = list(offered(condition.field()))
    for value in (*choices, choices, *GUESSES):
        with suppress(*UNFIT):
            yield str(Buyer.objects.filter(condition.q(value, at)).query)


@pytest.mark.django_db
def test_no_condition_reads_them():
    at = clock.now()
    known = list(conditions.all())
    assert len(known) > 10
    for condition in known:
        texts = list(asked(condition, at))
        assert texts, f"No guess fits the condition “{condition.slug}”: add one."
        for text in texts:
            assert not any(table in text for table in TABLES), condition.slug


def test_nor_do_goals_moments_and_entries():
    texts = [goals.reached("row")]
    texts += [one.moments for one in touchpoints.anchors().values()]
    texts += [one.subjects for one in touchpoints.entries().values()]
    for text in texts:
        assert not any(table in text for table in TABLES)


@pytest.mark.django_db
def test_the_tables_have_these_names():
    assert set(TABLES) <= set(connection.introspection.table_names())
