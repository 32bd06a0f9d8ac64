"""The first page of the admin: what is under way, what waits for a person."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.customers.models import Account, CustomerImport
from accounts.journal.models import EventPoison, UnmatchedEvent
from campaigns.messages.domains import senders
from campaigns.messages.domains.findings import Finding
from campaigns.messages.models import Brand, SenderDomain
from campaigns.sequences import arming
from campaigns.sequences.models import Delivery
from campaigns.sequences.results import today
from tests.campaigns.sequences import scenes
from tests.factories import AccountFactory

from .conftest import settle

pytestmark = pytest.mark.django_db


def page(client):
    return client.get(reverse("admin:index"))


def concerns(client):
    return [concern.sentence for concern in page(client).context["concerns"]]


def test_an_empty_installation_is_shown_the_first_steps(manager):
    found = page(manager)

    assert found.context["is_new"]
    assert not any(step.done for step in found.context["first_steps"])
    assert "Import your customers" in found.content.decode()


def test_steps_that_are_done_are_ticked_and_in_the_end_all_go_away(manager, draft):
    before = [step.done for step in page(manager).context["first_steps"]]
    scenes.start(draft)
    after = page(manager)

    assert before == [True, True, True, True, False]
    assert not after.context["is_new"]
    assert "First steps" not in after.content.decode()


def test_what_is_under_way_comes_before_drafts(manager, draft, running):
    shown = page(manager).context["under_way"]

    assert [one.campaign for one in shown] == [running, draft]
    assert shown[0].line.sum.planned == running.deliveries.count()


def test_nothing_to_do_is_said(manager, running):
    assert concerns(manager) == []
    assert "Nothing: all is well." in page(manager).content.decode()


def test_who_may_not_see_what_waits_is_not_told_that_all_is_well(as_role, running):
    UnmatchedEvent.objects.create(
        source="api:store", key="1", digest=b"1" * 16, kind="ordered", body={}
    )
    assert "Nothing: all is well." not in page(as_role("analyst")).content.decode()


def test_codes_of_reps_lead_to_where_they_are_matched(manager, running):
    AccountFactory(rep_code="jvidal")
    (concern,) = page(manager).context["concerns"]
    assert concern.address == reverse("admin:customers_account_reps")


def test_unknown_and_overdue_messages_wait_for_a_person(manager, running):
    first = Delivery.objects.first()
    settle(first, "unknown", reason="no_answer")
    Delivery.objects.filter(state="planned").update(due_at="2026-01-01T00:00Z")

    assert concerns(manager) == [
        "Of 1 message nobody can tell whether it arrived.",
        "2 messages are overdue.",
    ]


def test_what_the_floors_below_cannot_settle_waits_for_a_person(manager):
    UnmatchedEvent.objects.create(
        source="store",
        key="1",
        digest=b"",
        account_number="X",
        reason="account",
        body={},
    )
    EventPoison.objects.create(
        event_id=1,
        reaction="progress",
        error="?",
        recorded_at=scenes.MORNING,
        account_id=AccountFactory().pk,
        kind="ordered",
    )
    CustomerImport.objects.create(file_name="a.csv", sha256=b"", size=0, state="failed")
    Account.objects.update(rep_code="NOBODY")

    assert concerns(manager) == [
        "1 reported event matches no customer.",
        "1 event could not be counted and was set aside.",
        "1 import failed.",
        "The sales rep of 1 company is not among the users.",
    ]


def test_a_disarmed_installation_is_the_first_thing_said(manager, running):
    arming.disarm()

    assert "This installation does not send." in page(manager).content.decode()


def test_an_analyst_sees_no_names_and_no_chores(as_role, running):
    analyst = as_role("analyst")
    settle(Delivery.objects.first(), "unknown", reason="no_answer")

    found = page(analyst)

    assert found.status_code == 200
    assert found.context["concerns"] == []


def test_another_app_may_add_what_it_knows(manager, monkeypatch):
    monkeypatch.setattr(today, "_sources", {**today._sources})
    today.register("kitchen", lambda user, at: [today.Concern("No coffee.", "")])

    assert "No coffee." in concerns(manager)


def test_the_page_costs_the_same_with_more_campaigns(manager, running):
    page(manager)
    with CaptureQueriesContext(connection) as few:
        page(manager)
    for _ in range(4):
        scenes.start(scenes.make_campaign({}, {"wait_days": 1}))
    with CaptureQueriesContext(connection) as many:
        page(manager)

    assert len(many) == len(few)


def check_domain(domain, *findings):
    SenderDomain.objects.create(
        domain=domain,
        findings=[
            Finding(subject, level, code).as_dict() for subject, level, code in findings
        ],
    )


def test_a_senders_domain_in_disorder_waits_for_a_person(manager):
    scenes.make_message()
    domain = senders.domain_of(Brand.objects.get().sender_email)
    check_domain(
        domain,
        ("spf", "good", "spf_good"),
        ("dkim", "bad", "dkim_not_found"),
        ("dmarc", "bad", "dmarc_missing"),
    )
    check_domain("nobody-writes-from.example", ("spf", "bad", "spf_missing"))
    [told] = [one for one in concerns(manager) if "spam" in one]
    assert told == (
        f"Mail from {domain} may be refused or taken for spam: DKIM, DMARC."
    )


def test_one_in_order_does_not(manager):
    scenes.make_message()
    domain = senders.domain_of(Brand.objects.get().sender_email)
    check_domain(domain, ("spf", "good", "spf_good"), ("dmarc", "warn", "dmarc_none"))
    assert not [one for one in concerns(manager) if "spam" in one]
