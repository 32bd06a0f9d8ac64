"""A webinar tool's file from upload to undo: who is matched, noted, and put back."""

from datetime import timedelta
from io import BytesIO
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.urls import reverse

from accounts.customers import lifecycle, uploads
from accounts.customers.models import CustomerImport, ImportMapping
from accounts.journal import clock
from accounts.staff.models import Role
from campaigns.training import changes
from campaigns.training.models import AttendanceLine, Seat
from campaigns.training.staff import attendance as choosing
from tests.campaigns.training.scenes import (
    STARTS,
    book,
    by_staff,
    make_session,
    seat_of,
)
from tests.campaigns.training.staff.conftest import client_of
from tests.factories import AccountFactory, BuyerFactory
from tests.races import at_once

from . import files

# A worker beats on a connection of its own.
pytestmark = pytest.mark.django_db(transaction=True)
AFTER = STARTS + timedelta(hours=3)


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AFTER)


@pytest.fixture
def session():
    return make_session(capacity=10)


@pytest.fixture
def ana(session):
    account = AccountFactory(name="Talleres Ebro SL")
    buyer = BuyerFactory(
        account=account, first_name="Ana", last_name="Ruiz", email="ana@ebro.example"
    )
    return seat_of(book(session, buyer))


@pytest.fixture
def tom(session):
    """Booked under another address than the tool knows, or none."""
    buyer = BuyerFactory(first_name="Tom", last_name="Hill", email="th@hill.example")
    return seat_of(book(session, buyer))


def check(session, content, **options):
    options = {"session": str(session.pk), **options}
    batch = uploads.receive(BytesIO(content), "list.csv", "attendance", None, options)
    declared = lifecycle.Declared()
    lifecycle.ask_check(batch, batch.mapping, batch.options, declared)
    return work(batch)


def work(batch):
    lifecycle.run(batch.pk, lambda: AFTER)
    batch.refresh_from_db()
    return batch


def apply(batch):
    assert lifecycle.ask_apply(batch)
    return work(batch)


def fresh(seat):
    seat.refresh_from_db()
    return seat


def test_a_dry_run_says_who_is_who_and_notes_nothing(session, ana, tom):
    batch = check(session, files.TEAMS)
    assert batch.state == "checked", batch.error
    assert (batch.counts["address"], batch.counts["suggested"]) == (1, 1)
    assert batch.counts["nobody"] == 0
    assert {fresh(ana).state, fresh(tom).state} == {Seat.State.BOOKED}


def test_by_address_at_once_by_name_only_when_wanted(session, ana, tom):
    apply(check(session, files.TEAMS))
    assert (fresh(ana).state, ana.attended_minutes) == (Seat.State.ATTENDED, 57)
    assert ana.attendance == Seat.Source.IMPORT
    assert fresh(tom).state == Seat.State.BOOKED
    apply(check(session, files.TEAMS, suggestions=True))
    assert fresh(tom).state == Seat.State.ATTENDED


def test_the_same_file_again_changes_nothing(session, ana):
    apply(check(session, files.MEET))
    lines = ana.changes.count()
    again = apply(check(session, files.MEET))
    assert again.counts["noted"] == 0
    assert ana.changes.count() == lines
    assert fresh(ana).attended_minutes == 58


def test_comings_and_goings_of_one_person_add_up(session, ana):
    batch = check(session, files.ZOOM_WEBINAR)
    assert batch.counts["away"] == 1
    apply(batch)
    assert fresh(ana).attended_minutes == 19 + 38
    assert Seat.objects.count() == 1, "who did not attend gets no seat"


def test_a_buyer_without_a_seat_came_all_the_same(session):
    buyer = BuyerFactory(email="ana@ebro.example")
    apply(check(session, files.MEET))
    seat = Seat.objects.get(buyer=buyer)
    assert (seat.state, seat.walk_in) == (Seat.State.ATTENDED, True)


def test_two_of_one_name_are_told_apart_by_company_or_not_at_all(session, tom):
    twin = BuyerFactory(first_name="Tom", last_name="Hill")
    book(session, twin)
    assert check(session, files.TEAMS).counts["suggested"] == 0
    company = tom.account.name
    text = f"Name,Company,Duration\nTom Hill,{company},50\n".encode()
    check(session, text)
    assert AttendanceLine.objects.filter(how="suggested", seat=tom).count() == 1


def test_undo_puts_everybody_back(session, ana):
    batch = apply(check(session, files.MEET))
    lifecycle.ask_undo(batch)
    assert work(batch).state == "undone"
    assert fresh(ana).state == Seat.State.BOOKED


def test_columns_matched_by_hand_are_remembered_but_not_the_session(session, ana):
    from accounts.customers import columns

    text = b"Who;Mail;Stayed\nAna Ruiz;ana@ebro.example;50\n"
    batch = uploads.receive(
        BytesIO(text), "list.csv", "attendance", None, {"session": str(session.pk)}
    )
    assert "full_name" not in batch.mapping
    batch.mapping = {"full_name": 0, "email": 1, "minutes": 2}
    batch.save()
    columns.remember(batch)
    assert ImportMapping.objects.get().options.get("session") is None
    lifecycle.cancel(batch)
    again = uploads.receive(BytesIO(text + b"\n"), "next.csv", "attendance")
    assert again.mapping == {"full_name": 0, "email": 1, "minutes": 2}
    assert not again.options.get("session")


def test_without_a_session_it_says_what_to_do(session):
    batch = uploads.receive(BytesIO(files.MEET), "list.csv", "attendance")
    options = {"session": "", "suggestions": False}
    lifecycle.ask_check(batch, batch.mapping, options, lifecycle.Declared())
    assert (work(batch).state, batch.error) == ("failed", "session_missing")


def test_a_line_that_cannot_be_read_is_listed_and_stops_none(session, ana):
    text = (
        b"Name,Email,Duration\nAna,ana@ebro.example,50\nTom,tom@,50\n,,\nEva,,a while\n"
    )
    batch = check(session, text)
    assert batch.counts["refused"] == 2
    assert batch.counts["address"] == 1


def test_a_large_file_is_read_in_few_statements(session, django_assert_max_num_queries):
    rows = "".join(f"Person {n},p{n}@x.example,{n % 60}\n" for n in range(2000))
    text = f"Name,Email,Duration\n{rows}".encode()
    batch = uploads.receive(
        BytesIO(text), "list.csv", "attendance", None, {"session": str(session.pk)}
    )
    lifecycle.ask_check(batch, batch.mapping, batch.options, lifecycle.Declared())
    with django_assert_max_num_queries(40):
        work(batch)
    assert batch.counts["nobody"] == 2000


@pytest.fixture
def marketing():
    return client_of(Role.MARKETING_MANAGER)


def test_on_the_pages_from_the_session_to_the_list(marketing, session, ana, tom):
    url = reverse("training-staff:attendance", args=[session.pk])
    file = SimpleUploadedFile("teams.csv", files.TEAMS)
    response = marketing.post(url, {"file": file})
    batch = CustomerImport.objects.get()
    assert response.url == reverse(
        "admin:customers_customerimport_change", args=[batch.pk]
    )
    page = marketing.get(response.url).content.decode()
    assert f'value="{session.pk}" selected' in page
    said = {"option-session": str(session.pk), "option-suggestions": ""}
    for field, place in batch.mapping.items():
        said[f"column-{place}"] = field
    marketing.post(response.url, said)
    work(batch)
    page = marketing.get(f"{response.url}?show=suggested").content.decode()
    assert "Tom Hill" in page

    line = AttendanceLine.objects.get(how="suggested")
    url = reverse("training-staff:match", args=[line.pk])
    assert "Tom Hill" in marketing.get(url).content.decode()
    marketing.post(url, {"buyer": "seat"})
    batch.refresh_from_db()
    assert (batch.counts["suggested"], batch.counts["by_hand"]) == (0, 1)
    apply(batch)
    assert fresh(tom).state == Seat.State.ATTENDED


@pytest.fixture
def lines(db):
    """Two of one list, of whom nobody knows who they are."""
    session, batch = make_session(), checked_list()
    return [
        AttendanceLine.objects.create(
            batch=batch, session=session, line=line, name=name, how="nobody"
        )
        for line, name in enumerate(("Ana", "Tom"))
    ]


def checked_list():
    return CustomerImport.objects.create(
        kind="attendance",
        size=1,
        state="checked",
        counts={"nobody": 2, "by_hand": 0},
    )


def choose_at_once(lines, buyer):
    left = [line.pk for line in lines]
    at_once(lambda: choosing._choose(left.pop(), str(buyer.pk)))
    return CustomerImport.objects.get().counts


def test_two_who_match_one_list_at_once_are_both_counted(lines):
    counts = choose_at_once(lines, BuyerFactory())
    assert counts == {"nobody": 0, "by_hand": 2}


def test_without_the_lock_one_would_be_lost(lines, monkeypatch):
    """The negative control."""
    both_have_read, recount = Barrier(2), choosing._recount

    def wait_and_count(*told):
        both_have_read.wait(timeout=30)
        recount(*told)

    monkeypatch.setattr(choosing, "_recount", wait_and_count)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows)
    counts = choose_at_once(lines, BuyerFactory())
    assert counts == {"nobody": 1, "by_hand": 1}


def test_of_what_was_cancelled_meanwhile_nobody_is_matched_any_more(lines):
    CustomerImport.objects.update(state="cancelled")
    choosing._choose(lines[0].pk, str(BuyerFactory().pk))
    assert AttendanceLine.objects.get(pk=lines[0].pk).how == "nobody"


def test_an_empty_file_says_so(marketing, session):
    url = reverse("training-staff:attendance", args=[session.pk])
    response = marketing.post(url, {"file": SimpleUploadedFile("x.csv", b"")})
    assert response.status_code == 400
    assert "The file is empty." in response.content.decode()


def test_a_file_of_what_was_called_off_is_refused(marketing, session):
    changes.cancel(session.pk, by_staff())
    url = reverse("training-staff:attendance", args=[session.pk])
    file = SimpleUploadedFile("teams.csv", files.TEAMS)
    response = marketing.post(url, {"file": file})
    assert response.status_code == 400
    assert "This session was cancelled." in response.content.decode()
    assert not CustomerImport.objects.exists()
