"""The four rates: what they count, whom they leave out, and what is not yet lost."""

from datetime import date
from fractions import Fraction

import pytest

from accounts.customers.models import AccountFact
from campaigns.adoption.figures import report
from campaigns.adoption.frames import Frame, Unit
from tests.factories import AccountFactory, BuyerFactory

from .conftest import NOW, ago


def parts(figure):
    return figure.numerator.count, figure.denominator.count


def test_nobody_invited_has_no_value(db, frame):
    found = report(frame)

    assert found.empty
    assert all(figure.value is None for figure in found.figures)


def test_registration_rate_counts_the_registered_among_the_invited(
    history, frame, buyer, colleague, stranger
):
    history.invited(buyer, 50).invited(colleague, 50).invited(stranger, 50)
    history.registered(buyer, 40).registered(stranger, 1)
    history.settle()

    found = report(frame)

    assert parts(found.find("rr")) == (2, 3)
    assert found.find("rr").value == Fraction(2, 3)
    assert parts(found.find("rr", Unit.ACCOUNT)) == (2, 2)


def test_registered_without_an_invitation_counts_nowhere(history, frame, buyer):
    history.registered(buyer, 40).settle()

    assert report(frame).empty


def test_who_was_registered_before_being_invited_is_listed_apart(
    history, frame, buyer, colleague
):
    history.registered(buyer, 60).invited(buyer, 50).ordered(buyer, 1)
    history.invited(colleague, 50).settle()

    found = report(frame)

    assert parts(found.find("rr")) == (0, 1)
    assert parts(found.find("otar")) == (0, 1)
    assert found.buyers.before.count == 1
    assert found.accounts.before.count == 1
    assert found.find("rr", Unit.ACCOUNT).value is None


def test_who_ordered_online_before_being_invited_is_listed_apart(
    history, frame, buyer, colleague, stranger
):
    """As when a list of past orders is brought in after the invitations."""
    history.invited(buyer, 50).invited(stranger, 50)
    history.ordered(None, 400, account=buyer.account).ordered(stranger, 40).settle()

    found = report(frame)

    assert parts(found.find("otar", Unit.ACCOUNT)) == (1, 1)
    assert parts(found.find("rr", Unit.ACCOUNT)) == (0, 1)
    assert found.accounts.before.count == 1
    assert parts(found.find("otar")) == (1, 2)
    assert found.buyers.before.count == 0


def test_orders_by_phone_before_the_invitation_change_nothing(history, frame, buyer):
    history.ordered(buyer, 400, channel="phone").invited(buyer, 50).ordered(buyer, 20)
    history.settle()

    assert parts(report(frame).find("otar")) == (1, 1)
    assert parts(report(frame).find("otar", Unit.ACCOUNT)) == (1, 1)


def test_registering_at_the_moment_of_the_invitation_is_not_before(
    history, frame, buyer
):
    history.invited(buyer, 50).registered(buyer, 50).settle()

    assert parts(report(frame).find("rr")) == (1, 1)


def test_exactly_one_order_is_told_from_at_least_one(
    history, frame, buyer, colleague, stranger
):
    for one in (buyer, colleague, stranger):
        history.invited(one, 100)
    history.ordered(buyer, 20).ordered(colleague, 30, 20).settle()

    found = report(frame)

    assert parts(found.find("otar")) == (2, 3)
    assert parts(found.find("once")) == (1, 3)
    assert found.find("once").more.count == 1
    assert parts(found.find("otar", Unit.ACCOUNT)) == (1, 2)
    assert parts(found.find("once", Unit.ACCOUNT)) == (0, 2)


@pytest.mark.parametrize(
    "other", [{"channel": "phone"}, {"placed_by": "on_behalf"}], ids=str
)
def test_orders_of_others_are_not_her_adoption(history, frame, buyer, other):
    history.invited(buyer, 100).ordered(buyer, 20, **other).settle()

    assert parts(report(frame).find("otar")) == (0, 1)


def test_an_order_without_a_buyer_counts_for_the_account_alone(history, frame, buyer):
    history.invited(buyer, 100).ordered(None, 20, account=buyer.account).settle()

    found = report(frame)

    assert parts(found.find("otar")) == (0, 1)
    assert parts(found.find("otar", Unit.ACCOUNT)) == (1, 1)


def test_regular_is_three_orders_in_ninety_days_and_fades(history, buyer):
    history.invited(buyer, 200).ordered(buyer, 89, 50, 10).settle()

    assert parts(report(Frame(NOW)).find("wsar")) == (1, 1)
    assert parts(report(Frame(ago(-2))).find("wsar")) == (0, 1)
    assert parts(report(Frame(ago(20))).find("wsar")) == (0, 1)


def test_the_setting_says_what_regular_is(history, frame, buyer, settings):
    settings.ADOPTION_REGULAR_ORDERS = 2
    history.invited(buyer, 200).ordered(buyer, 50, 10).settle()

    assert parts(report(frame).find("wsar")) == (1, 1)


def test_key_accounts_are_divided_by_key_accounts_and_the_guides_way_beside(
    history, frame, buyer, colleague, stranger
):
    key = BuyerFactory(account=AccountFactory(is_key=True))
    quiet_key = BuyerFactory(account=AccountFactory(is_key=True))
    for one in (buyer, colleague, stranger, key, quiet_key):
        history.invited(one, 100)
    history.ordered(key, 10).ordered(buyer, 10).settle()

    found = report(frame)

    assert parts(found.find("kaar", Unit.ACCOUNT)) == (1, 2)
    assert parts(found.find("kaar-guide", Unit.ACCOUNT)) == (1, 5)


def test_ineligible_accounts_leave_both_parts_with_their_reason(
    history, frame, buyer, stranger
):
    history.invited(buyer, 50).invited(stranger, 50).registered(stranger, 20).settle()
    stranger.account.eligible = False
    stranger.account.ineligible_reason = "Marketplace only"
    stranger.account.save()

    found = report(frame)

    assert parts(found.find("rr")) == (0, 1)
    assert found.buyers.ineligible.count == 1
    assert [(one.text, one.count) for one in found.accounts.reasons] == [
        ("Marketplace only", 1)
    ]


def test_who_still_has_time_is_possible_and_not_lost(history, frame, buyer, stranger):
    history.invited(buyer, 29).invited(stranger, 31).settle()

    figure = report(frame).find("rr")

    assert (figure.possible.count, figure.over.count) == (1, 1)
    assert not figure.too_early


def test_a_young_cohort_says_too_early(history, frame, buyer, colleague, stranger):
    history.invited(buyer, 2).invited(colleague, 2).invited(stranger, 2)
    history.registered(stranger, 1).settle()

    figure = report(frame).find("rr")

    assert figure.too_early
    assert figure.possible.count == 2


def test_the_period_is_that_of_the_invitation_in_local_days(
    history, buyer, colleague, stranger
):
    history.invited(buyer, 31)  # 1 May, noon
    history.invited(colleague, 31.999)  # 30 April, 12:01 UTC
    history.invited(stranger, 31.55)  # 30 April 22:48 UTC, which is 1 May in Madrid
    history.settle()

    may = Frame(NOW, since=date(2026, 5, 1), until=date(2026, 5, 31))
    april = Frame(NOW, until=date(2026, 4, 30))

    assert report(may).find("rr").denominator.count == 2
    assert report(april).find("rr").denominator.count == 1


def test_an_earlier_day_is_read_from_the_journal(history, buyer, stranger):
    history.invited(buyer, 100).invited(stranger, 20)
    history.registered(buyer, 60).ordered(buyer, 50, 40, 30, 20).settle()

    def on(day):
        return report(Frame(NOW, as_of=day))

    assert parts(on(date(2026, 3, 1)).find("rr")) == (0, 1)
    assert parts(on(date(2026, 4, 2)).find("rr")) == (1, 1)
    assert parts(on(date(2026, 4, 12)).find("once")) == (1, 1)
    assert parts(on(date(2026, 4, 25)).find("once")) == (0, 1)
    assert parts(on(date(2026, 5, 1)).find("wsar")) == (0, 1)
    assert parts(on(date(2026, 5, 3)).find("wsar")) == (1, 1)
    assert parts(on(date(2026, 5, 31)).find("wsar")) == (1, 2)


def test_an_earlier_day_takes_accounts_as_they_were(history, buyer):
    history.invited(buyer, 100).settle()
    account = buyer.account
    type(account).objects.update(created_at=ago(300), eligible=False, is_key=True)
    AccountFact.objects.all().delete()
    for kind, value in (("eligible", "no"), ("key", "yes")):
        AccountFact.objects.create(
            account=account, kind=kind, value=value, valid_from=ago(30), source="test"
        )

    before = report(Frame(NOW, as_of=date(2026, 4, 30)))
    after = report(Frame(NOW, as_of=date(2026, 5, 10)))

    assert before.find("rr").denominator.count == 1
    assert before.find("kaar", Unit.ACCOUNT).denominator.count == 0
    assert after.find("rr").denominator.count == 0
    assert after.buyers.ineligible.count == 1


def test_events_of_tomorrow_do_not_count_today(history, frame, buyer):
    history.invited(buyer, 100).registered(buyer, -0.5)
    history.ordered(buyer, 20, 10, -0.2, -0.3).settle()

    found = report(frame)

    assert parts(found.find("rr")) == (0, 1)
    assert parts(found.find("otar")) == (1, 1)
    assert parts(found.find("wsar")) == (0, 1)
    assert found.buyers.stages[3].count == 1


def test_two_statements_however_many_there_are(
    history, frame, buyer, django_assert_num_queries
):
    for _ in range(5):
        history.invited(BuyerFactory(), 10)
    history.invited(buyer, 5).settle()

    with django_assert_num_queries(2):
        report(frame)


def test_every_number_of_a_figure_adds_up(history, frame):
    for days, orders in ((5, ()), (40, (1,)), (70, (9, 8)), (300, ()), (300, (2,))):
        one = BuyerFactory()
        history.invited(one, days).ordered(one, *orders)
    history.settle()

    for figure in report(frame).figures:
        if figure.possible and figure.over:
            more = figure.more.count if figure.more else 0
            parts_of = (figure.numerator, figure.possible, figure.over)
            assert sum(part.count for part in parts_of) + more == (
                figure.denominator.count
            )
