"""Entering and reading what a step is reckoned from."""

import pytest

from campaigns.sequences.models import Step
from campaigns.sequences.planning import moments


@pytest.mark.parametrize(
    ("minutes", "amount", "unit"),
    [
        (-1440, 1, "-1440"),
        (-2880, 2, "-1440"),
        (-90, 90, "-1"),
        (-120, 2, "-60"),
        (0, 0, "1440"),
        (15, 15, "1"),
        (60, 1, "60"),
    ],
)
def test_a_distance_is_told_in_its_largest_unit(minutes, amount, unit):
    found = moments.split(minutes)
    assert (found.amount, found.unit, found.minutes) == (amount, unit, minutes)


def test_a_step_says_what_it_waits_for():
    step = Step(anchor="training.start", anchor_minutes=-15)
    assert moments.describe(step) == "15 minutes before the start of the booked session"
    step.anchor_minutes = 0
    assert moments.describe(step) == "at the start of the booked session"


def form(step, **data):
    form = moments.form_for("s", step, {f"s-{name}": to for name, to in data.items()})
    assert form.is_valid(), form.errors
    return form


def test_what_is_entered_is_what_is_stored():
    step = Step()
    form(step, anchor="training.end", amount="2", unit="60").read(step)
    assert (step.anchor, step.anchor_minutes) == ("training.end", 120)
    form(step, anchor="", amount="2", unit="60").read(step)
    assert (step.anchor, step.anchor_minutes) == ("", 0)


def test_a_blank_step_is_not_changed_by_how_far():
    assert not form(Step(), anchor="", amount="9", unit="1").has_changed()
    assert form(Step(), anchor="training.end", amount="9", unit="1").has_changed()
    anchored = Step(anchor="training.end", anchor_minutes=60)
    assert form(anchored, anchor="training.end", amount="2", unit="60").has_changed()
