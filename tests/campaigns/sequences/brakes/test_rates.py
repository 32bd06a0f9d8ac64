from decimal import Decimal
from math import comb

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.sequences.brakes.rates import Level, Threshold

BOUNCES = Threshold(Decimal(5), Decimal(8), 100)
COMPLAINTS = Threshold(Decimal("0.1"), Decimal("0.3"), 1_000)

percent = st.decimals(0, 50, places=2)
tests = st.builds(
    lambda a, b, least: Threshold(min(a, b), max(a, b), least),
    percent,
    percent,
    st.integers(1, 5_000),
)
many = st.integers(0, 100_000)


@settings(deadline=None)
@given(tests, many, many)
def test_one_more_of_the_bad_is_never_better(test, bad, of):
    assert test.judge(bad + 1, of) >= test.judge(bad, of)


@settings(deadline=None)
@given(tests, many, many)
def test_one_more_of_the_good_is_never_worse(test, bad, of):
    assert test.judge(bad, of + 1) <= test.judge(bad, of)


@settings(deadline=None)
@given(tests, many)
def test_none_is_always_calm(test, of):
    assert test.judge(0, of) is Level.CALM


@settings(deadline=None)
@given(tests, many, st.integers(0, 100_000))
def test_over_enough_messages_it_is_the_plain_rate(test, bad, more):
    of = test.least + more
    exceeded = Decimal(100 * bad) / of
    assert (test.judge(bad, of) is Level.STOP) == (exceeded > test.stop)
    assert (test.judge(bad, of) is Level.CALM) == (exceeded <= test.warn)


def test_small_numbers_do_not_mislead():
    assert COMPLAINTS.judge(1, 10) is Level.CALM
    assert COMPLAINTS.judge(3, 50) is Level.WARN
    assert COMPLAINTS.judge(4, 50) is Level.STOP
    assert BOUNCES.judge(5, 10) is Level.CALM
    # A list that is plainly rotten does not have to wait for a hundred.
    assert BOUNCES.judge(9, 9) is Level.STOP


def at_least(bad, of, true_rate):
    """The chance of so many or more, of *of* at this true rate: exact."""
    return 1 - sum(
        comb(of, k) * true_rate**k * (1 - true_rate) ** (of - k) for k in range(bad)
    )


def test_a_sound_list_is_hardly_ever_stopped_by_chance():
    """2 % of bounces is what a list in order has; 0.02 % of complaints."""
    assert at_least(9, 100, 0.02) < 0.001
    assert at_least(4, 1_000, 0.0002) < 0.0001


def test_a_rotten_list_is_all_but_certainly_stopped():
    assert at_least(9, 100, 0.2) > 0.99
    assert at_least(4, 1_000, 0.01) > 0.98
