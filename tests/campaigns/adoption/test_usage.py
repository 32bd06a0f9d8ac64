"""What store vendors show, and how key accounts use the store."""

from datetime import date
from fractions import Fraction

from campaigns.adoption import listings, names
from campaigns.adoption.frames import Unit
from campaigns.adoption.logins import by_key_account, by_month
from campaigns.adoption.usage import compare
from tests.factories import AccountFactory, BuyerFactory


def values(frame):
    return {
        shown.numerator.slug.removesuffix(".part"): shown.value
        for shown in compare(frame)
    }


def test_nothing_happened(db, frame):
    assert set(values(frame).values()) == {None}
    assert by_month(frame) == ()
    assert by_key_account(frame) == ()


def test_online_only_inactive_and_repeat(history, frame, buyer, stranger):
    quiet = BuyerFactory()
    history.registered(buyer, 200).ordered(buyer, 80, 10)
    history.registered(stranger, 200).ordered(stranger, 20)
    history.ordered(stranger, 30, channel="phone")
    history.registered(quiet, 200).ordered(quiet, 120).settle()

    assert values(frame) == {
        "online-only": Fraction(1, 2),
        "inactive": Fraction(1, 3),
        "repeat-90": Fraction(1, 2),
    }


def test_ineligible_accounts_are_left_out(history, frame, buyer):
    history.registered(buyer, 200).ordered(buyer, 10).settle()
    type(buyer.account).objects.update(eligible=False)

    assert set(values(frame).values()) == {None}


def test_the_lists_behind_the_comparison_have_its_numbers(history, frame, buyer):
    history.registered(buyer, 200).ordered(buyer, 80, 10).settle()

    for shown in compare(frame):
        for part in (shown.numerator, shown.denominator):
            listing = listings.find(part.slug, Unit.ACCOUNT, frame)
            assert names.count(listing) == part.count


def test_logins_by_month_count_people_once(history, frame, buyer, colleague):
    history.logged_in(buyer, 2).logged_in(buyer, 3).logged_in(colleague, 4)
    history.logged_in(buyer, 40).logged_in(buyer, 500).settle()

    found = [
        (one.month, one.logins, one.buyers, one.accounts) for one in by_month(frame)
    ]

    assert found == [(date(2026, 4, 1), 1, 1, 1), (date(2026, 5, 1), 3, 2, 1)]


def test_key_accounts_with_and_without_logins(history, frame, buyer, colleague):
    silent = AccountFactory(is_key=True)
    type(buyer.account).objects.filter(pk=buyer.account_id).update(is_key=True)
    history.logged_in(buyer, 2).logged_in(buyer, 3).logged_in(colleague, 4).settle()

    found = [(one.id, one.buyers, one.logins) for one in by_key_account(frame)]

    assert found == [(buyer.account_id, 2, 3), (silent.pk, 0, 0)]
