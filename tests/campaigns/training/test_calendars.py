"""Calendar entries, read back by vobject and dateutil: not by what wrote them."""

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from dateutil import tz
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.training.calendars import Alarm, Entry, Person, feed, invite, withdraw

CHANGED = datetime(2026, 3, 1, 8, tzinfo=UTC)
NORTE = Person("Distribuciones Norte", "formacion@norte.example")
ANA = Person("Ana Ruiz", "ana@ebro.example")
EVA = Person("Eva Gil", "eva@sur.example")
TOM = Person("Tom Hill", "tom@hill.example")
ZONES = ("Europe/Madrid", "Atlantic/Canary", "America/Bogota", "Europe/London",
         "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")  # fmt: skip


def entry(uid="seat-1@norte.example", sequence=0, zone="Europe/Madrid", **changes):
    start = changes.pop("starts_at", datetime(2026, 10, 27, 9, tzinfo=UTC))
    return Entry(
        uid=uid,
        sequence=sequence,
        changed_at=CHANGED,
        starts_at=start,
        ends_at=start + timedelta(hours=1),
        zone=zone,
        **{"title": "Ordering online", **changes},
    )


def read(written):
    return vobject.readOne(written.decode())


def test_an_invitation_says_what_when_and_for_whom():
    written = invite(
        entry(
            description="Bring a phone.\nSee you, soon; really",
            place="Calle Mayor 1, Zaragoza",
            url="https://norte.example/t/join",
            alarms=(Alarm(timedelta(days=1), "Tomorrow"),),
        ),
        NORTE,
        ANA,
    )
    found = read(written)
    event = found.vevent
    assert found.method.value == "REQUEST"
    assert event.uid.value == "seat-1@norte.example"
    assert event.sequence.value == "0"
    assert event.dtstart.value.astimezone(UTC) == datetime(2026, 10, 27, 9, tzinfo=UTC)
    assert event.dtend.value - event.dtstart.value == timedelta(hours=1)
    assert event.summary.value == "Ordering online"
    assert event.description.value == "Bring a phone.\nSee you, soon; really"
    assert event.location.value == "Calle Mayor 1, Zaragoza"
    assert event.organizer.value == "mailto:formacion@norte.example"
    assert [each.value for each in event.attendee_list] == ["mailto:ana@ebro.example"]
    assert event.attendee.params["CN"] == ["Ana Ruiz"]
    assert event.valarm.trigger.value == timedelta(days=-1)
    assert event.status.value == "CONFIRMED"


def test_of_three_seats_one_is_cancelled_and_two_stay():
    """One object each: a calendar that gets the withdrawal knows one entry of it."""
    seats = {ANA: "seat-1@n.example", EVA: "seat-2@n.example", TOM: "seat-3@n.example"}
    calendars = {
        who: {read(invite(entry(uid), NORTE, who)).vevent.uid.value: "CONFIRMED"}
        for who, uid in seats.items()
    }
    found = read(withdraw(entry(seats[EVA], sequence=1), NORTE, EVA))
    assert found.method.value == "CANCEL"
    assert [each.value for each in found.vevent.attendee_list] == [
        "mailto:eva@sur.example"
    ]
    assert found.vevent.sequence.value == "1"
    for calendar in calendars.values():
        if found.vevent.uid.value in calendar:
            calendar[found.vevent.uid.value] = found.vevent.status.value
    assert [list(calendar.values()) for calendar in calendars.values()] == [
        ["CONFIRMED"],
        ["CANCELLED"],
        ["CONFIRMED"],
    ]


def test_a_change_keeps_the_name_of_the_entry_and_raises_its_number():
    before = read(invite(entry(sequence=1), NORTE, ANA)).vevent
    moved = entry(sequence=2, starts_at=datetime(2026, 11, 3, 9, tzinfo=UTC))
    after = read(invite(moved, NORTE, ANA)).vevent
    assert before.uid.value == after.uid.value
    assert int(after.sequence.value) == int(before.sequence.value) + 1
    assert after.dtstart.value - before.dtstart.value == timedelta(days=7)


def test_a_withdrawal_rings_no_bell():
    written = withdraw(entry(alarms=(Alarm(timedelta(hours=1), "Soon"),)), NORTE, ANA)
    assert b"VALARM" not in written


@pytest.mark.parametrize(
    "name",
    [
        "Ana\r\nATTENDEE:mailto:thief@evil.example",
        'Ana";X="1":mailto:thief@evil.example',
        "Ana\x00\u202e",
    ],
)
def test_no_name_can_add_a_line_of_its_own(name):
    found = read(invite(entry(title=name), NORTE, Person(name, ANA.email)))
    event = found.vevent
    assert [each.value for each in event.attendee_list] == ["mailto:ana@ebro.example"]
    assert "\n" not in event.summary.value
    assert "\x00" not in event.summary.value


@settings(deadline=None)
@given(text=st.text(max_size=300), zone=st.sampled_from(ZONES))
def test_lines_are_folded_and_text_comes_back(text, zone):
    written = invite(entry(description=text, zone=zone), NORTE, ANA)
    assert all(len(line) <= 75 for line in written.split(b"\r\n"))
    assert written.count(b"\n") == written.count(b"\r\n")
    assert written.count(b"BEGIN:VEVENT") == 1
    read(written)


@settings(deadline=None)
@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1)),
    name=st.sampled_from(ZONES),
)
def test_the_zone_told_is_the_zone_meant(start, name):
    """Its rules, read by dateutil, give the same instant as the zone database."""
    start = start.replace(tzinfo=UTC, microsecond=0)
    written = invite(entry(starts_at=start, zone=name), NORTE, ANA).decode()
    zone = tz.tzical(io.StringIO(written.replace("\r\n ", ""))).get(name)
    wall = start.astimezone(ZoneInfo(name))
    for days in (-300, -180, 0, 180, 300):
        there = wall.replace(tzinfo=None, fold=0) + timedelta(days=days)
        meant = there.replace(tzinfo=ZoneInfo(name))
        if not _is_ordinary(meant):
            continue
        assert there.replace(tzinfo=zone).utcoffset() == meant.utcoffset()


def _is_ordinary(instant):
    """Neither skipped by a clock change nor told twice."""
    return instant.utcoffset() == instant.replace(fold=1).utcoffset()


def test_a_feed_holds_every_session_and_each_zone_once():
    entries = [
        entry("a@n.example"),
        entry("b@n.example", zone="America/Bogota", cancelled=True),
        entry("c@n.example", title="Ñandú, y; más"),
    ]
    found = read(feed("Mis sesiones", entries))
    assert found.method.value == "PUBLISH"
    assert [each.uid.value for each in found.vevent_list] == [
        "a@n.example",
        "b@n.example",
        "c@n.example",
    ]
    assert [each.status.value for each in found.vevent_list] == [
        "CONFIRMED",
        "CANCELLED",
        "CONFIRMED",
    ]
    zones = sorted(each.tzid.value for each in found.vtimezone_list)
    assert zones == ["America/Bogota", "Europe/Madrid"]
    assert not any("attendee" in each.contents for each in found.vevent_list)


def test_an_empty_feed_is_a_calendar():
    assert "vevent" not in read(feed("Mine", [])).contents
