"""Names and words that a spreadsheet would run: no file of ours holds a formula."""

import csv
from datetime import date
from itertools import chain

import pytest
from django.urls import reverse

from accounts.customers import sheets
from accounts.journal import clock
from accounts.journal.react import react
from accounts.staff.models import Role
from campaigns.training import feedback, seats
from campaigns.training.results import lists
from campaigns.training.results.report import LISTS
from campaigns.training.seats import Guest
from tests.campaigns.training.scenes import DAY, STARTS, book, by_staff, make_session
from tests.campaigns.training.staff.conftest import client_of
from tests.factories import AccountFactory, BuyerFactory

pytestmark = pytest.mark.django_db
FORMULA = "=HYPERLINK(1)"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
LATER = STARTS + 70 * DAY
SLUGS = [*LISTS, *lists.COMPARED, lists.SAID, f"{lists.STOPS}distrust"]


@pytest.fixture
def session(monkeypatch):
    """Whoever came is named by a formula, answered with one, and has a like company."""
    found = make_session(capacity=9)
    alike = {"name": FORMULA, "segment": "+s", "customer_since": date(2019, 5, 1)}
    account = AccountFactory(number="@1", **alike)
    AccountFactory(number="@2", **alike)
    buyer = BuyerFactory(account=account, first_name=FORMULA, last_name="x")
    guests = [Guest(buyer.pk), Guest(name=FORMULA)]
    act = by_staff(STARTS - DAY)
    booked = seats.book(found.pk, guests, act, account_id=account.pk)
    for seat in booked.booking.seats.all():
        seats.check_in(seat, by_staff(STARTS), came_at=STARTS)
        feedback.give(seat, STARTS + DAY, rating=1, barrier="distrust", answer=FORMULA)
    book(found)
    react(LATER)
    monkeypatch.setattr(clock, "now", lambda: LATER)
    return found


def files(session, language):
    client = client_of(Role.MARKETING_MANAGER, language=language)
    names = reverse("training-staff:names-csv")
    answers = [client.get(names, {"list": slug}) for slug in SLUGS]
    answers += [
        client.get(reverse("training-staff:results-csv")),
        client.get(reverse("training-staff:people-csv", args=[session.pk])),
    ]
    for answer in answers:
        assert answer.status_code == 200
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        yield list(csv.reader(text.splitlines(), delimiter=";,"[language != "es"]))


def formulas(session, language="en"):
    cells = chain.from_iterable(chain.from_iterable(files(session, language)))
    return [cell for cell in cells if cell.startswith(DANGEROUS)]


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_cell_of_any_file_is_a_formula(session, language):
    assert formulas(session, language) == []


def test_without_the_guard_names_and_words_would_be(session, monkeypatch):
    monkeypatch.setattr(sheets, "harmless", str)
    found = formulas(session)
    assert {FORMULA, "@1", "@2", "+s", f"{FORMULA} x"} <= set(found)


def test_what_was_written_can_still_be_read(session):
    cells = chain.from_iterable(chain.from_iterable(files(session, "en")))
    assert f"'{FORMULA}" in set(cells)
