"""Whom a rule reaches, and who is kept from it and why."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.consent.models import Suppression
from accounts.customers.models import Buyer
from accounts.journal.models import AccountProgress, BuyerProgress
from campaigns.sequences.audiences import audience, conditions
from campaigns.sequences.models import Campaign, CampaignVersion, Enrolment
from campaigns.sequences.rows import Row
from tests.factories import AccountFactory, BuyerFactory, PermissionFactory

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def rule(*rows: Row) -> dict:
    return conditions.make(rows)


def reachable(**fields) -> Buyer:
    return PermissionFactory(buyer=BuyerFactory(**fields)).buyer


def suppress(buyer: Buyer, scope: str = "marketing") -> None:
    Suppression.objects.create(
        address_hash=buyer.address_hash, scope=scope, reason="unsubscribed"
    )


def test_an_empty_rule_is_everybody_active_at_an_eligible_company():
    ana = reachable()
    reachable(active=False)
    reachable(account=AccountFactory(eligible=False, ineligible_reason="Own ERP"))

    assert list(audience.buyers({}, AT)) == [ana]


@pytest.mark.parametrize(
    ("dates", "may_order"),
    [
        ({"ineligible_from": date(2026, 11, 23)}, False),
        ({"ineligible_from": date(2026, 11, 24)}, True),
        ({"ineligible_until": date(2026, 11, 23)}, False),
        ({"ineligible_until": date(2026, 11, 22)}, True),
    ],
)
def test_a_company_is_ineligible_by_its_dates_not_by_yesterdays_word(dates, may_order):
    account = AccountFactory(eligible=not may_order, ineligible_reason="?", **dates)
    reachable(account=account)

    assert audience.buyers({}, AT).exists() is may_order


def test_the_count_says_who_is_kept_from_it_and_why():
    reachable()
    reachable(active=False)
    reachable(account=AccountFactory(eligible=False, ineligible_reason="Own ERP"))
    reachable(email="")
    suppress(reachable())
    BuyerFactory()
    reachable(email="shared@company.example")
    reachable(email="SHARED@company.example")

    found = audience.count({}, AT)

    assert (found.buyers, found.accounts) == (6, 6)
    assert (found.reachable, found.reachable_accounts) == (2, 2)
    assert {part.reason: part.buyers for part in found.not_sent} == {
        "no_address": 1,
        "suppressed": 1,
        "no_permission": 1,
        "same_mailbox": 1,
    }
    assert {part.reason: part.buyers for part in found.left_out} == {
        "inactive": 1,
        "ineligible": 1,
    }


def test_the_count_is_the_sum_of_its_parts_and_of_its_lists():
    suppress(reachable())
    reachable(email="shared@company.example")
    reachable(email="shared@company.example")
    reachable(active=False)

    found = audience.count({}, AT)

    parts = found.not_sent + found.left_out
    assert found.buyers == found.reachable + sum(p.buyers for p in found.not_sent)
    assert audience.members({}, AT).count() == found.buyers
    assert audience.members({}, AT, reason="").count() == found.reachable
    for part in parts:
        named = audience.members({}, AT, reason=part.reason)
        assert named.count() == part.buyers, part.reason


def test_a_colleague_without_permission_does_not_take_the_mailbox():
    BuyerFactory(email="shared@company.example")
    second = reachable(email="shared@company.example")

    found = audience.reasons_of({}, AT, Buyer.objects.values_list("pk", flat=True))

    assert found[second.pk] == ""
    assert sorted(found.values()) == ["", "no_permission"]


def test_searching_the_list_does_not_change_whose_mailbox_it_is():
    reachable(email="shared@company.example", last_name="Alba")
    second = reachable(email="shared@company.example", last_name="Zafra")

    named = audience.members({}, AT, reason="same_mailbox", search="zafra")

    assert list(named) == [second]
    assert not audience.members({}, AT, reason="", search="zafra").exists()


def test_a_lifted_suppression_keeps_nobody_away():
    buyer = reachable()
    suppress(buyer)
    Suppression.objects.update(lifted_at=AT, lift_reason="She asked for it")

    assert audience.count({}, AT).reachable == 1


def test_service_messages_need_no_permission_and_obey_full_suppression_only():
    BuyerFactory()
    suppress(reachable())
    suppress(reachable(), scope="all")

    assert audience.count({}, AT).reachable == 0
    assert audience.count({}, AT, service=True).reachable == 2


def test_who_has_reached_the_goal_gets_nothing():
    account = AccountFactory()
    buyer, colleague = reachable(account=account), reachable(account=account)
    BuyerProgress.objects.create(buyer=buyer, account=account, registered_at=AT)
    AccountProgress.objects.create(account=account, online_first=AT, online_count=1)

    own = audience.reasons_of({}, AT, [buyer.pk, colleague.pk], goal="registered")
    company = audience.reasons_of(
        {}, AT, [buyer.pk, colleague.pk], goal="first_online_order"
    )

    assert own == {buyer.pk: "goal_reached", colleague.pk: ""}
    assert set(company.values()) == {"goal_reached"}


def test_unknown_pasted_numbers_are_told_as_they_were_pasted():
    AccountFactory(number="A-1")
    asked = rule(Row("customer_numbers", ["a-1", "B-2"]))

    assert audience.unknown_numbers(asked) == ["B-2"]
    assert audience.unknown_numbers({}) == []


def test_buyers_under_way_elsewhere_are_counted_once_and_not_for_their_own_campaign():
    buyer = reachable()
    for name in ("One", "Two"):
        campaign = Campaign.objects.create(name=name, state=Campaign.State.RUNNING)
        version = CampaignVersion.objects.create(campaign=campaign)
        Enrolment.objects.create(
            campaign=campaign, version=version, account=buyer.account, buyer=buyer
        )

    found = audience.elsewhere({}, AT, None)
    assert found.buyers == 1
    assert {(other.name, number) for other, number in found.campaigns} == {
        ("One", 1),
        ("Two", 1),
    }
    Enrolment.objects.filter(campaign__name="One").update(state="finished")
    assert audience.elsewhere({}, AT, campaign.pk) == audience.Elsewhere()


def test_a_count_costs_one_query_however_many_buyers_match():
    for _ in range(3):
        reachable()
    with CaptureQueriesContext(
        connection,
    ) as few:
        audience.count({}, AT, goal="first_online_order")
    for _ in range(20):
        BuyerFactory()
    with CaptureQueriesContext(connection) as many:
        audience.count({}, AT, goal="first_online_order")

    assert len(few) == len(many) == 1


def test_a_page_of_names_costs_as_much_as_a_longer_one():
    for _ in range(5):
        reachable()

    with CaptureQueriesContext(connection) as one:
        [buyer.account.name for buyer in audience.members({}, AT, reason="")[:1]]
    with CaptureQueriesContext(connection) as five:
        [buyer.account.name for buyer in audience.members({}, AT, reason="")[:5]]

    assert len(one) == len(five) == 1
