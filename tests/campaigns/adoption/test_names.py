"""The names behind a number: paged, searched, complete."""

import pytest

from accounts.consent.privacy.erase import erase
from campaigns.adoption import listings, names
from campaigns.adoption.frames import Frame, Unit
from tests.factories import AccountFactory, BuyerFactory

from .conftest import NOW, ago


def invited(frame, unit=Unit.BUYER):
    return listings.find("invited", unit, frame)


def test_a_name_says_who_how_far_and_since_when(history, frame, buyer):
    history.invited(buyer, 20).registered(buyer, 10).ordered(buyer, 5).settle()

    (row,) = names.page(invited(frame)).rows

    assert (row.number, row.account, row.buyer) == ("A1", "Acme", buyer.full_name)
    assert row.stage == "First online order"
    assert [cell.value for cell in row.cells] == [ago(20), ago(10), ago(5), ago(5), 1]


def test_a_buyer_without_a_name_is_known_by_her_address(history, frame):
    buyer = BuyerFactory(first_name="", last_name="")
    history.invited(buyer, 20).settle()

    (row,) = names.page(invited(frame)).rows

    assert row.buyer == buyer.email


def test_who_was_erased_is_a_number_in_the_same_place(history, frame, buyer):
    history.invited(buyer, 3).settle()
    erase(buyer, reason="request", by=None, at=NOW, leave_alone=False)

    (row,) = names.everything(invited(frame))

    assert row.buyer == f"Erased person {buyer.pk}"


def test_accounts_are_listed_once(history, frame, buyer, colleague):
    history.invited(buyer, 20).invited(colleague, 20).settle()

    (row,) = names.page(invited(frame, Unit.ACCOUNT)).rows

    assert (row.account, row.buyer, row.id) == ("Acme", "", buyer.account_id)


def test_pages_come_in_the_order_of_customer_numbers(history, frame, monkeypatch):
    monkeypatch.setattr(names, "PAGE", 2)
    for number in ("C3", "A1", "b2"):
        buyer = BuyerFactory(account=AccountFactory(number=number))
        history.invited(buyer, 10)
    history.settle()
    listing = invited(frame)

    first, second = names.page(listing, 1), names.page(listing, 2)

    assert [row.number for row in (*first.rows, *second.rows)] == ["A1", "b2", "C3"]
    assert (first.total, first.pages, second.number) == (3, 2, 2)


@pytest.mark.parametrize("asked", [0, -5, 99])
def test_a_page_that_is_not_there_gives_the_nearest(history, frame, buyer, asked):
    history.invited(buyer, 10).settle()

    assert names.page(invited(frame), asked).number == 1


@pytest.mark.parametrize(
    ("search", "found"),
    [("acme", 1), ("ANA a1", 1), ("other ana", 1), ("nobody", 0), ("%", 0), ("_", 0)],
)
def test_search_wants_every_word_literally(
    history, frame, buyer, stranger, search, found
):
    history.invited(buyer, 10).invited(stranger, 10).settle()

    assert names.page(invited(frame), search=search).total == found


def test_everything_comes_in_chunks_and_each_once(history, frame, monkeypatch):
    monkeypatch.setattr(names, "CHUNK", 2)
    account = AccountFactory()
    buyers = [BuyerFactory(account=account) for _ in range(5)]
    for buyer in buyers:
        history.invited(buyer, 10)
    history.settle()

    found = [row.id for row in names.everything(invited(frame))]

    assert found == sorted(buyer.pk for buyer in buyers)


def test_the_ineligible_are_listed_with_the_reason(history, frame, buyer):
    buyer.account.eligible = False
    buyer.account.ineligible_reason = "Closed"
    buyer.account.save()
    history.invited(buyer, 10).settle()

    (row,) = names.page(listings.find("ineligible", Unit.BUYER, frame)).rows

    assert (row.reason, row.stage) == ("Closed", "")


@pytest.mark.parametrize(
    "slug",
    ["", "nonsense", "rr.nonsense", "funnel", "funnel.", "funnel.x.sent.reached"],
)
def test_there_is_no_such_list(db, frame, slug):
    with pytest.raises(listings.NoSuchList):
        listings.find(slug, Unit.BUYER, frame)


@pytest.mark.parametrize(
    "slug", ["funnel.new.x.reached", "funnel.new.sent.x", "funnel.new.members.x"]
)
def test_there_is_no_such_stage(db, slug):
    with pytest.raises(listings.NoSuchList):
        listings.find(slug, Unit.BUYER, Frame(NOW, campaign_id=1))
