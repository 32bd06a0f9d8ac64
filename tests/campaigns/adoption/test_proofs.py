"""The audit finds figures that the facts do not bear out."""

import pytest

from accounts.journal.invariants import audit
from accounts.journal.models import BuyerProgress
from campaigns.sequences.models import Campaign, CampaignVersion, Enrolment
from tests.factories import BuyerFactory

from .conftest import NOW, ago


def broken():
    return {
        finding.invariant.sentence: finding.broken
        for finding in audit(NOW)
        if finding.invariant.code == "I9" and not finding.holds
    }


@pytest.fixture
def told(history, buyer, stranger):
    history.invited(buyer, 50).registered(buyer, 40).ordered(buyer, 30, 20, 10)
    history.invited(stranger, 50).ordered(None, 5, account=stranger.account).settle()


@pytest.fixture
def enrolment(buyer):
    campaign = Campaign.objects.create(name="Spring")
    version = CampaignVersion.objects.create(campaign=campaign)
    return Enrolment.objects.create(
        campaign=campaign, version=version, account=buyer.account, buyer=buyer
    )


def test_all_is_well(told):
    assert broken() == {}


def test_what_waits_for_its_reactions_is_not_missing(told, history, stranger):
    from accounts.journal.record import record_many

    history.registered(stranger, 1)
    record_many(history.events)

    assert broken() == {}


def test_a_progress_row_that_says_too_much(told, stranger):
    BuyerProgress.objects.filter(buyer=stranger).update(registered_at=ago(3))

    (found,) = broken().values()

    assert (found.count, list(found.examples)) == (1, [f"buyer {stranger.pk}"])


def test_a_funnel_time_that_nobody_told(told, enrolment):
    Enrolment.objects.update(accepted_at=ago(2))

    (found,) = broken().values()

    assert found.examples == [f"enrolment {enrolment.pk} accepted_at"]


def test_a_funnel_that_missed_an_event(told, history, enrolment, buyer):
    other = BuyerFactory()
    Enrolment.objects.update(sent_at=ago(60))
    history.registered(other, 1).settle()

    found = broken()

    missed = found["No funnel has missed an event that came after its first message."]
    assert set(missed.examples) == {
        f"enrolment {enrolment.pk} registered_at",
        f"enrolment {enrolment.pk} first_order_at",
    }
    begun = "Every funnel begins with a message that was sent, as soon as one was."
    assert list(found[begun].examples) == [f"enrolment {enrolment.pk}"]
