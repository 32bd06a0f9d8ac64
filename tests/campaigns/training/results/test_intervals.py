"""Intervals of shares: published values, and what must hold of every one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.training.results.intervals import difference, share

counts = st.integers(1, 5000).flatmap(
    lambda of: st.tuples(st.integers(0, of), st.just(of))
)


@pytest.mark.parametrize(
    ("reached", "of", "low", "high"),
    [  # Newcombe 1998, part one, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_the_published_one(reached, of, low, high):
    found = share(reached, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [  # Newcombe 1998, part two, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_newcombes_difference_is_the_published_one(one, other, low, high):
    found = difference(one, other)
    assert found.low == pytest.approx(low, abs=5e-5)
    assert found.high == pytest.approx(high, abs=5e-5)


@given(counts)
def test_a_share_lies_within_its_interval(pair):
    reached, of = pair
    found = share(reached, of)
    assert 0 <= found.low <= reached / of <= found.high <= 1


@given(counts, st.integers(2, 50))
def test_more_of_the_same_narrows_it(pair, times):
    reached, of = pair
    few, many = share(reached, of), share(reached * times, of * times)
    assert many.high - many.low < few.high - few.low


@given(counts, counts)
def test_the_other_way_round_is_the_mirror(one, other):
    there, back = difference(one, other), difference(other, one)
    assert there.low == pytest.approx(-back.high, abs=1e-12)
    assert there.high == pytest.approx(-back.low, abs=1e-12)
    assert -1 - 1e-12 <= there.low <= there.high <= 1 + 1e-12


@given(counts)
def test_of_equals_nothing_can_be_told(pair):
    assert not difference(pair, pair).tells


def test_of_nobody_there_is_none():
    assert share(0, 0) is None
    assert difference((0, 0), (1, 2)) is None
    with pytest.raises(ValueError, match="counted"):
        share(3, 2)
