"""Bounces, complaints and failures, and what they do to a campaign."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.sequences.brakes import tallies, thresholds
from campaigns.sequences.brakes.rates import Level
from campaigns.sequences.brakes.thresholds import Kind
from campaigns.sequences.models import CampaignAct, Delivery, SendingRules, Tally
from campaigns.sequences.planning import lifecycle
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_people,
    start,
)
from tests.factories import UserFactory
from tests.support.smtp_sink import Reply

pytestmark = pytest.mark.django_db

SOON = MORNING + timedelta(minutes=5)


@pytest.fixture
def campaign():
    """One that runs, and of which twelve messages have gone out."""
    make_people(12)
    campaign = start(make_campaign())
    advance(MORNING)
    Delivery.objects.update(state="claimed", lease_until=SOON)
    Delivery.objects.update(state="sending")
    Delivery.objects.update(state="sent", sent_at=MORNING, transport="brevo")
    tallies.write("brevo", {(campaign.pk, "sent"): 12}, MORNING)
    return campaign


def facts(kind, number):
    ids = Delivery.objects.order_by("pk").values_list("pk", flat=True)[:number]
    return [(pk, kind) for pk in ids]


def state_of(campaign):
    campaign.refresh_from_db()
    return campaign.state, campaign.pause_reason


def test_too_many_bounces_pause_the_campaign_and_say_so(campaign):
    assert thresholds.note(facts(Kind.BOUNCED, 8), SOON) == []
    assert state_of(campaign) == ("running", "")
    assert thresholds.note(facts(Kind.BOUNCED, 1), SOON) == [campaign.pk]
    assert state_of(campaign) == ("paused", "too_many_bounces")
    assert CampaignAct.objects.latest("pk").by is None


def test_before_that_they_warn(campaign):
    thresholds.note(facts(Kind.BOUNCED, 6), SOON)
    (finding,) = thresholds.judge([campaign.pk], SOON)
    assert (finding.reason, finding.level) == ("too_many_bounces", Level.WARN)
    assert (finding.bad, finding.of, finding.rate) == (6, 12, 6.0)


def test_too_many_complaints_pause_it_sooner(campaign):
    thresholds.note(facts(Kind.COMPLAINED, 3), SOON)
    assert state_of(campaign) == ("running", "")
    thresholds.note(facts(Kind.COMPLAINED, 1), SOON)
    assert state_of(campaign) == ("paused", "too_many_complaints")


def test_what_a_person_resumed_is_counted_anew(campaign):
    thresholds.note(facts(Kind.BOUNCED, 9), SOON)
    campaign.refresh_from_db()
    later = SOON + timedelta(hours=1)
    assert lifecycle.resume(campaign, UserFactory(), later)
    after = later + timedelta(hours=1)
    assert thresholds.note(facts(Kind.BOUNCED, 1), after) == []
    assert state_of(campaign) == ("running", "")


def test_after_a_week_it_is_forgotten(campaign):
    thresholds.note(facts(Kind.BOUNCED, 8), SOON)
    later = SOON + timedelta(days=7)
    assert thresholds.note(facts(Kind.BOUNCED, 1), later) == []
    assert tallies.forget(later) == 0
    tallies.forget(SOON + timedelta(days=9))
    assert Tally.objects.count() == 1


def test_the_thresholds_are_those_of_the_rules(campaign):
    SendingRules.objects.update(bounce_warn=1, bounce_stop=2)
    assert thresholds.note(facts(Kind.BOUNCED, 3), SOON) == [campaign.pk]


def test_a_notice_has_no_campaign_to_pause(campaign):
    Delivery.objects.update(campaign=None)
    assert thresholds.note(facts(Kind.COMPLAINED, 12), SOON) == []
    assert Tally.objects.get(campaign_id=0).complained == 12


def test_nothing_to_note_costs_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert thresholds.note([], SOON) == []


def test_a_thousand_facts_cost_as_many_statements_as_one(campaign):
    counts = []
    for number in (1, 5):
        told = facts(Kind.BOUNCED, number)
        with CaptureQueriesContext(connection) as asked:
            thresholds.note(told, SOON)
        counts.append(len(asked))
    assert counts == [3, 3]


def test_refused_messages_use_up_the_error_budget(worker, smtp):
    make_people(14)
    campaign = start(make_campaign())
    advance(MORNING)
    smtp.tricks.append(
        lambda stage, _to: Reply("550 no such user") if stage == "RCPT" else None
    )
    deliver(MORNING, worker=worker)
    assert state_of(campaign) == ("paused", "too_many_failures")


def test_sending_is_counted_by_minute_and_campaign(worker, smtp):
    make_people(3)
    campaign = start(make_campaign())
    advance(MORNING)
    deliver(MORNING, worker=worker)
    row = Tally.objects.get()
    assert (row.campaign_id, row.provider, row.sent) == (campaign.pk, "smtp", 3)
    tallies.write("smtp", {(campaign.pk, "sent"): 2}, row.minute)
    row.refresh_from_db()
    assert row.sent == 5
