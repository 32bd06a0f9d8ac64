"""Durations as the tools write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.training.attendance.durations import BadDuration, minutes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1h 27m 51s", 87),
        ("57m 51s", 57),
        ("30s", 0),
        ("1 hr 2 min", 62),
        ("2 horas 5 minutos", 125),
        ("1 h 1 min 30 s", 61),
        ("1 hour, 3 minutes", 63),
        ("0:58:10", 58),
        ("58:10", 58),
        ("61", 61),
        ("61.7", 61),
        ("PT1H2M3S", 62),
        ("1d 2h", 1560),
    ],
)
def test_each_way_of_writing_is_understood(text, expected):
    assert minutes(text) == expected


@pytest.mark.parametrize(
    "text", ["", " ", "--", "long", "h", "1:99", "-5", "12 apples"]
)
def test_what_is_no_duration_is_not_guessed_at(text):
    with pytest.raises(BadDuration):
        minutes(text)


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_all_writings_of_one_span_agree(hours, mins, secs):
    ways = {
        minutes(f"{hours}h {mins}m {secs}s"),
        minutes(f"{hours}:{mins:02}:{secs:02}"),
        minutes(f"PT{hours}H{mins}M{secs}S"),
        minutes(f"{hours} horas {mins} minutos {secs} segundos"),
    }
    assert ways == {hours * 60 + mins}
