from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaigns.sequences import schedule
from campaigns.sequences.schedule import Place, Rule

MADRID = Place("Europe/Madrid", "ES")
ZONES = sorted(name for name in available_timezones() if name != "localtime")
SPECIAL = [
    "Europe/Madrid",
    "Europe/Lisbon",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Pacific/Apia",
]
instants = st.datetimes(
    datetime(2009, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)
)
zones = st.one_of(st.sampled_from(SPECIAL), st.sampled_from(ZONES))
hours = st.times(min_value=time(0), max_value=time(23, 59)).map(
    lambda t: t.replace(second=0, microsecond=0)
)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_the_hour_is_the_buyers_own():
    at = utc(2026, 11, 23, 5)
    rule = Rule(0, time(9, 30))
    assert schedule.first_due(rule, MADRID, at=at) == utc(2026, 11, 23, 8, 30)
    assert schedule.first_due(rule, Place("America/Lima"), at=at) == utc(
        2026, 11, 23, 14, 30
    )


def test_a_start_after_todays_hour_means_the_next_sending_hour():
    at = utc(2026, 11, 23, 12)
    assert schedule.first_due(Rule(), MADRID, at=at) == utc(2026, 11, 24, 8, 30)


def test_a_start_at_the_very_hour_is_in_time():
    at = utc(2026, 11, 23, 8, 30)
    assert schedule.first_due(Rule(), MADRID, at=at) == at


def test_a_later_start_on_friday_means_monday():
    friday = utc(2026, 11, 27, 12)
    assert schedule.first_due(Rule(), MADRID, at=friday) == utc(2026, 11, 30, 8, 30)


def test_working_days_leave_out_the_countrys_holidays():
    before_christmas = utc(2026, 12, 24, 12)
    spain = schedule.first_due(Rule(), MADRID, at=before_christmas)
    nowhere = schedule.first_due(Rule(), Place("Europe/Madrid"), at=before_christmas)
    assert spain == utc(2026, 12, 28, 8, 30)
    assert nowhere == utc(2026, 12, 25, 8, 30)


def test_an_unknown_country_has_no_holidays():
    assert schedule.is_working(date(2026, 12, 25), "ZZ")


def test_every_day_when_working_days_do_not_matter():
    saturday = utc(2026, 11, 28, 5)
    rule = Rule(working_days=False)
    assert schedule.first_due(rule, MADRID, at=saturday) == utc(2026, 11, 28, 8, 30)


def test_a_day_later_is_the_same_wall_clock_time_across_the_change_of_clocks():
    rule = Rule(1, time(9), working_days=False)
    before = utc(2027, 3, 27, 8)
    assert schedule.next_due(rule, MADRID, after=before) == utc(2027, 3, 28, 7)


def test_a_left_out_time_moves_forward():
    due = schedule.instant(date(2027, 3, 28), time(2, 30), "Europe/Madrid")
    assert due == utc(2027, 3, 28, 1, 30)
    assert schedule.wall_clock(due, "Europe/Madrid") == "2027-03-28 03:30"


def test_a_left_out_half_hour_moves_by_half_an_hour():
    due = schedule.instant(date(2026, 10, 4), time(2, 15), "Australia/Lord_Howe")
    assert schedule.wall_clock(due, "Australia/Lord_Howe") == "2026-10-04 02:45"


def test_a_repeated_time_means_the_first():
    due = schedule.instant(date(2027, 10, 31), time(2, 30), "Europe/Madrid")
    assert due == utc(2027, 10, 31, 0, 30)


def test_a_repeated_hour_brings_a_step_only_once():
    rule = Rule(0, time(2, 30), working_days=False)
    first = utc(2027, 10, 31, 0, 30)
    assert schedule.next_due(rule, MADRID, after=first) == utc(2027, 11, 1, 1, 30)


def test_a_day_that_a_zone_jumped_over_is_no_working_day():
    # Samoa left out Friday, 30 December 2011; what lands on Saturday waits further.
    apia = Place("Pacific/Apia")
    thursday = utc(2011, 12, 29, 19, 30)
    due = schedule.next_due(Rule(1), apia, after=thursday)
    assert schedule.wall_clock(due, apia.zone) == "2012-01-02 09:30"


def test_a_name_that_is_no_zone_counts_as_utc():
    for name in ("", "Nowhere/Land", "../etc/passwd"):
        assert schedule.zone_of(name) == ZoneInfo("UTC")


@given(zone=zones, hour=hours, at=instants, wait=st.integers(0, 40))
@example(zone="Pacific/Apia", hour=time(9, 30), at=utc(2011, 12, 29), wait=1)
@example(zone="America/Santiago", hour=time(0, 0), at=utc(2026, 9, 5, 12), wait=1)
def test_a_step_is_due_once_and_never_before_its_local_time(zone, hour, at, wait):
    rule = Rule(wait, hour, working_days=False)
    due = schedule.first_due(rule, Place(zone), at=at)
    shown = due.astimezone(ZoneInfo(zone))
    assert due >= at
    assert due - at <= timedelta(days=wait + 3)
    # Never before the hour asked for, and past it only in a gap of the clocks.
    asked = datetime.combine(shown.date(), hour)
    wall = shown.replace(tzinfo=None)
    assert wall >= asked
    if wall != asked:
        missing = asked.replace(tzinfo=ZoneInfo(zone))
        there_and_back = missing.astimezone(UTC).astimezone(ZoneInfo(zone))
        assert there_and_back.replace(tzinfo=None) != asked


@given(zone=zones, hour=hours, at=instants)
def test_steps_of_following_days_never_meet_or_turn_round(zone, hour, at):
    place, rule = Place(zone), Rule(1, hour, working_days=False)
    days = [schedule.first_due(rule, place, at=at)]
    for _ in range(5):
        days.append(schedule.next_due(rule, place, after=days[-1]))
    gaps = [after - before for before, after in pairwise(days)]
    assert min(gaps) > timedelta(hours=18)


@given(zone=zones, hour=hours, at=instants)
def test_working_days_are_monday_to_friday_where_the_buyer_is(zone, hour, at):
    due = schedule.first_due(Rule(0, hour), Place(zone), at=at)
    assert due.astimezone(ZoneInfo(zone)).weekday() < 5


@pytest.mark.parametrize(
    ("send_at", "hour", "may"),
    [
        (time(9, 30), 7, False),
        (time(9, 30), 12, True),
        (time(9, 30), 20, False),
        (time(6), 6, True),
        (time(21), 22, True),
        (time(18), 20, False),
        (time(23), 23, True),
    ],
)
def test_a_delayed_mail_keeps_to_the_day_or_to_its_own_hour(send_at, hour, may):
    at = schedule.instant(date(2026, 11, 23), time(hour), "Europe/Madrid")
    assert schedule.is_open(Rule(0, send_at), MADRID, at=at) is may


def test_a_delayed_mail_of_working_days_waits_on_a_holiday():
    christmas = utc(2026, 12, 25, 11)
    assert not schedule.is_open(Rule(), MADRID, at=christmas)
    assert schedule.is_open(Rule(working_days=False), MADRID, at=christmas)
    assert schedule.next_opening(Rule(5), MADRID, after=christmas) == utc(
        2026, 12, 28, 8, 30
    )
