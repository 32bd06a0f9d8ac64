from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.sequences.brakes import limits
from campaigns.sequences.brakes.limits import Level, Limits

MORNING = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)
MINUTE = timedelta(minutes=1)

some = st.integers(1, 2_000)
#: Seconds since the request before, and how many it wants.
requests = st.lists(
    st.tuples(st.floats(0, 90, allow_nan=False), st.integers(0, 500)), max_size=60
)


def run(rules, asked):
    """(when, granted) of each request."""
    level, at, found = Level(), MORNING, []
    for passed, wanted in asked:
        at += timedelta(seconds=passed)
        level = limits.fill(rules, level, at, TODAY)
        granted, level = limits.take(rules, level, wanted)
        found.append((at, granted))
    return found


@settings(deadline=None)
@given(some, requests)
def test_no_stretch_of_a_minute_sees_more_than_its_limit(per_minute, asked):
    found = run(Limits(per_minute=per_minute), asked)
    for begin, _granted in found:
        within = [n for at, n in found if begin <= at < begin + MINUTE]
        assert sum(within) <= per_minute


def test_who_asks_often_gets_nearly_all_of_the_limit():
    for per_minute in (2, 14, 60, 840, 2_000):
        found = run(Limits(per_minute=per_minute), [(1.0, 10_000)] * 601)
        assert sum(n for _at, n in found) >= 10 * per_minute * 0.5


@settings(deadline=None)
@given(some, requests)
def test_no_day_sees_more_than_its_limit(per_day, asked):
    found = run(Limits(per_day=per_day), asked)
    assert sum(n for _at, n in found) <= per_day


@settings(deadline=None)
@given(st.integers(1, 500), st.integers(1, 200), st.integers(1, 100_000))
def test_warming_up_grows_day_by_day_and_ends_at_the_daily_limit(first, growth, most):
    rules = Limits(first_day=first, growth=growth, per_day=most)
    days = [rules.of_day(n) for n in range(100)]
    assert days[0] == min(first, most)
    assert days == sorted(days)
    assert max(days) <= most
    assert rules.of_day(1_000_000) == most


def test_the_warm_up_of_the_documentation():
    rules = Limits(first_day=50, growth=50, per_day=1_000)
    assert [rules.of_day(n) for n in range(9)] == [
        *(50, 75, 113, 169, 254, 380, 570, 855, 1_000),
    ]


def test_a_day_on_which_nothing_was_sent_does_not_count_as_warm_up():
    rules = Limits(first_day=50)
    level = limits.fill(rules, Level(), MORNING, TODAY)
    _granted, level = limits.take(rules, level, 10)
    second = limits.fill(rules, level, MORNING, TODAY + timedelta(days=1))
    fifth = limits.fill(rules, second, MORNING, TODAY + timedelta(days=4))
    assert (second.earlier, fifth.earlier) == (1, 1)
    assert limits.room(rules, fifth) == 75


@settings(deadline=None)
@given(some, st.integers(0, 500))
def test_what_is_given_back_can_be_taken_again(per_minute, wanted):
    rules = Limits(per_minute=per_minute, per_day=5_000)
    full = limits.fill(rules, Level(), MORNING, TODAY)
    granted, level = limits.take(rules, full, wanted)
    assert limits.give_back(rules, level, granted) == full
    again = limits.give_back(rules, limits.give_back(rules, level, granted), granted)
    assert limits.room(rules, again) == limits.room(rules, full)


def test_a_clock_that_goes_back_gives_nothing_away():
    rules = Limits(per_minute=60)
    level = limits.fill(rules, Level(), MORNING, TODAY)
    _granted, level = limits.take(rules, level, 10)
    back = limits.fill(rules, level, MORNING - 5 * MINUTE, TODAY)
    assert limits.room(rules, back) == 0
    assert limits.fill(rules, back, MORNING, TODAY) == level


def test_without_limits_there_is_no_end():
    rules = Limits()
    assert rules.are_none
    assert not Limits(first_day=10).are_none
    level = limits.fill(rules, Level(), MORNING, TODAY)
    assert limits.room(rules, level) is None
    assert limits.take(rules, level, 10_000)[0] == 10_000


@settings(deadline=None)
@given(
    st.one_of(st.none(), some),
    st.one_of(st.none(), st.integers(1, 50)),
    st.integers(1, 300),
)
def test_turns_come_one_after_the_other_within_the_limits(per_minute, per_day, many):
    rules = Limits(per_minute=per_minute, per_day=per_day)
    level = Level(day=TODAY, taken=per_day or 0)
    tomorrow = MORNING + timedelta(days=1)
    turns = limits.turns(rules, level, many, after=MORNING, tomorrow=tomorrow)
    assert len(turns) == many
    assert turns == sorted(set(turns))
    assert turns[0] > MORNING
    if per_day:
        assert turns[0] >= tomorrow
        for turn in turns:
            day = [one for one in turns if turn <= one < turn + timedelta(days=1)]
            assert len(day) <= per_day
    if per_minute:
        for turn in turns:
            assert len([o for o in turns if turn <= o < turn + MINUTE]) <= per_minute
