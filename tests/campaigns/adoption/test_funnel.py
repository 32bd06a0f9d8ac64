"""The funnel of a campaign: furthest stages, conversions, and who still may."""

from fractions import Fraction

import pytest

from accounts.journal.models import AccountProgress, BuyerProgress
from campaigns.adoption import listings, names
from campaigns.adoption.frames import Frame, Unit
from campaigns.adoption.funnel import funnel
from campaigns.adoption.passage import Group
from campaigns.sequences.models import Campaign, CampaignVersion, Enrolment
from tests.factories import AccountFactory, BuyerFactory

from .conftest import NOW, ago

TIMES = (
    "sent",
    "delivered",
    "seen",
    "accepted",
    "registered",
    "first_order",
    "regular",
)


@pytest.fixture
def campaign(db):
    found = Campaign.objects.create(name="Spring")
    CampaignVersion.objects.create(campaign=found)
    return found


def enrol(campaign, buyer=None, state="finished", **days):
    """A member; her times as so many days ago."""
    buyer = buyer or BuyerFactory()
    times = {f"{name}_at": ago(days[name]) for name in TIMES if name in days}
    return Enrolment.objects.create(
        campaign=campaign,
        version=campaign.versions.get(),
        account=buyer.account,
        buyer=buyer,
        state=state,
        **times,
    )


def bars(campaign, unit=Unit.BUYER, group=Group.NEW):
    found = funnel(Frame(NOW, campaign_id=campaign.pk), unit, group)
    return {step.slug: step.reached.count for step in found.steps}


def test_who_was_not_sent_anything_is_in_no_bar(campaign):
    enrol(campaign)
    enrol(campaign, sent=5)

    assert bars(campaign)["sent"] == 1


def test_each_counts_at_the_furthest_stage_and_all_before_it(campaign):
    enrol(campaign, sent=9, seen=8, accepted=7)
    enrol(campaign, sent=9, registered=3)  # in the store, without pressing "accept"
    enrol(campaign, sent=9, regular=1)
    enrol(campaign, sent=9)

    assert bars(campaign) == {
        "sent": 4,
        "seen": 3,
        "accepted": 3,
        "registered": 2,
        "ordered": 1,
        "regular": 1,
    }


def test_delivered_is_a_bar_only_where_a_provider_reports_it(campaign):
    enrol(campaign, sent=9)
    assert "delivered" not in bars(campaign)

    enrol(campaign, sent=9, delivered=9)

    found = bars(campaign)
    assert list(found)[:3] == ["sent", "delivered", "seen"]
    assert found["delivered"] == 1


def test_no_bar_exceeds_an_earlier_one(campaign):
    for name in TIMES:
        enrol(campaign, **{"sent": 9, name: 4})

    found = list(bars(campaign).values())

    assert found == sorted(found, reverse=True)


def test_shares_and_median_times_between_stages(campaign):
    enrol(campaign, sent=10, seen=9, accepted=8)
    enrol(campaign, sent=10, seen=5, accepted=1)
    enrol(campaign, sent=10, seen=4)
    enrol(campaign, sent=10)

    found = funnel(Frame(NOW, campaign_id=campaign.pk), Unit.BUYER)
    seen, accepted = found.find("seen"), found.find("accepted")

    assert (seen.of_previous, seen.of_first) == (Fraction(3, 4), Fraction(3, 4))
    assert (accepted.of_previous, accepted.of_first) == (Fraction(2, 3), Fraction(1, 2))
    assert (seen.median_days, accepted.median_days) == (5.0, 2.5)
    assert found.find("registered").median_days is None


def test_who_was_registered_at_the_start_is_counted_apart(campaign, buyer):
    BuyerProgress.objects.create(
        buyer=buyer, account=buyer.account, registered_at=ago(30)
    )
    enrol(campaign, buyer, sent=10, first_order=2)
    enrol(campaign, sent=10)
    frame = Frame(NOW, campaign_id=campaign.pk)

    new = funnel(frame, Unit.BUYER)
    already = funnel(frame, Unit.BUYER, Group.ALREADY)

    assert (new.find("sent").reached.count, new.find("ordered").reached.count) == (1, 0)
    assert new.other.count == 1
    assert already.find("ordered").reached.count == 1
    assert "registered" not in [step.slug for step in already.steps]


def test_ineligible_accounts_leave_the_funnel(campaign, buyer):
    enrol(campaign, buyer, sent=10)
    buyer.account.eligible = False
    buyer.account.ineligible_reason = "Closed"
    buyer.account.save()

    found = funnel(Frame(NOW, campaign_id=campaign.pk), Unit.BUYER)

    assert found.empty
    assert [(one.text, one.count) for one in found.reasons] == [("Closed", 1)]


def test_possible_while_messages_or_days_remain(campaign):
    enrol(campaign, sent=90, state="active")
    enrol(campaign, sent=90, accepted=3)
    enrol(campaign, sent=90)

    registered = funnel(Frame(NOW, campaign_id=campaign.pk), Unit.BUYER).find(
        "registered"
    )

    assert (registered.reached.count, registered.possible.count) == (0, 2)
    assert registered.over.count == 1
    assert registered.too_early


def test_an_account_is_as_far_as_its_furthest_buyer(campaign, buyer, colleague):
    enrol(campaign, buyer, sent=10, seen=9)
    enrol(campaign, colleague, sent=8, registered=5)
    enrol(campaign, sent=10)

    assert bars(campaign, Unit.ACCOUNT) == {
        "sent": 2,
        "seen": 1,
        "accepted": 1,
        "registered": 1,
        "ordered": 0,
        "regular": 0,
    }


def test_an_account_orders_through_whomever_it_likes(campaign, history, buyer):
    enrol(campaign, buyer, sent=10)
    outsider = BuyerFactory(account=buyer.account)
    history.ordered(outsider, 4).settle()

    assert bars(campaign, Unit.ACCOUNT)["ordered"] == 1
    assert bars(campaign, Unit.BUYER)["ordered"] == 0


def test_an_accounts_earlier_online_orders_are_not_the_campaigns(
    campaign, history, buyer, stranger
):
    enrol(campaign, buyer, sent=10)
    enrol(campaign, stranger, sent=10)
    history.ordered(buyer, 30).ordered(stranger, 30, 7, 3).settle()

    found = funnel(Frame(NOW, campaign_id=campaign.pk), Unit.ACCOUNT)

    assert found.find("ordered").reached.count == 1
    assert AccountProgress.objects.count() == 2


def test_the_lists_behind_the_funnel_have_its_numbers(campaign, buyer, colleague):
    enrol(campaign, buyer, sent=50, seen=40)
    enrol(campaign, colleague, sent=5, registered=2)
    enrol(campaign, sent=50)
    frame = Frame(NOW, campaign_id=campaign.pk)

    for unit in Unit:
        for group in Group:
            found = funnel(frame, unit, group)
            parts = [found.other, found.ineligible]
            for step in found.steps:
                parts += [step.reached, step.possible, step.over]
            for part in parts:
                listing = listings.find(part.slug, unit, frame)
                assert names.count(listing) == part.count
                assert len(names.page(listing).rows) == part.count


def test_four_statements_a_funnel(campaign, django_assert_num_queries):
    account = AccountFactory()
    for _ in range(4):
        enrol(campaign, BuyerFactory(account=account), sent=5)

    with django_assert_num_queries(4):
        funnel(Frame(NOW, campaign_id=campaign.pk), Unit.ACCOUNT)
