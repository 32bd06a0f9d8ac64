"""Sending now: the page, its figures, and a provider stopped and let go by hand."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from accounts.journal import clock
from campaigns.messages.domains.findings import Finding
from campaigns.messages.models import SenderDomain
from campaigns.sequences import arming
from campaigns.sequences.brakes import lanes, tallies, thresholds
from campaigns.sequences.brakes.thresholds import Kind
from campaigns.sequences.models import Delivery, Lane, SendingAct, SendingRules
from campaigns.sequences.results import live
from campaigns.sequences.sending import claim, heartbeat
from campaigns.sequences.sending.advance import advance
from tests.campaigns.sequences import scenes
from tests.campaigns.sequences.scenes import MORNING

pytestmark = pytest.mark.django_db

#: Arming 1, queues 1, tally 1, open 1, lanes 1, mishaps 1, thresholds 2, alive 1.
STATEMENTS = 9


def at(name):
    return reverse(f"sending:{name}")


@pytest.fixture
def now(monkeypatch):
    when = MORNING + timedelta(minutes=10, seconds=30)
    for module in ("views.live", "limits_admin", "views.sending"):
        monkeypatch.setattr(f"campaigns.sequences.{module}.clock.now", lambda: when)
    return when


@pytest.fixture
def sending(now):
    """A campaign of thirty: some sent, one failed, one unknown, the others due."""
    scenes.make_people(30)
    campaign = scenes.start(scenes.make_campaign())
    advance(MORNING)
    ids = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    claim.claim(now, worker="here", limit=14)
    some = Delivery.objects.filter(pk__in=ids[:12])
    some.update(state="sending", transport="brevo")
    some.update(state="sent", sent_at=MORNING)
    for pk, state, reason in (
        (ids[12], "failed", "refused"),
        (ids[13], "unknown", "no_answer"),
    ):
        one = Delivery.objects.filter(pk=pk)
        one.update(state="sending", transport="brevo")
        one.update(state=state, reason=reason, settled_at=now, detail="550 nobody")
    lanes.make("brevo")
    tallies.write("brevo", {(campaign.pk, "sent"): 9}, now - timedelta(minutes=1))
    tallies.write(
        "brevo",
        {(campaign.pk, "sent"): 3, (campaign.pk, "failed"): 1},
        now,
    )
    heartbeat.beat("dispatcher", "here", now)
    heartbeat.beat("worker", "here", now)
    heartbeat.beat("beat", "here", now)
    return campaign


def test_the_reading_says_what_is(sending, now):
    found = live.read(now)
    assert (found.due, found.held, found.later) == (16, 0, 0)
    assert (found.unknown, found.in_hand) == (1, 0)
    assert found.per_minute == 8.0
    assert (found.curve[-1], found.curve[-2], sum(found.curve)) == (3, 9, 12)
    assert found.oldest == MORNING
    assert found.oldest_seconds == 630
    assert found.is_late
    assert found.state == "busy"
    assert [one.reason for one in found.mishaps] != []
    assert found.alive == {"dispatcher": 1, "worker": 1, "beat": 1}
    (way,) = found.ways
    assert way.hour == {"sent": 12, "failed": 1, "unknown": 0, "later": 0}


def test_it_costs_as_much_for_many_as_for_few(sending, now):
    with CaptureQueriesContext(connection) as few:
        live.read(now)
    scenes.start(scenes.make_campaign())
    advance(MORNING)
    lanes.make("smtp")
    with CaptureQueriesContext(connection) as many:
        live.read(now)
    assert len(few) == len(many) == STATEMENTS


def test_no_statement_walks_through_all_deliveries(sending, now):
    """Each finds an index for what it asks, should the table be large."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        with CaptureQueriesContext(connection) as asked:
            live.read(now)
        for one in asked:
            if "sequences_delivery" not in one["sql"]:
                continue
            cursor.execute("EXPLAIN " + one["sql"])
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan on sequences_delivery" not in plan, plan


def test_the_page_shows_it_and_renews_itself(as_role, sending):
    client = as_role("marketing_manager")
    page = client.get(at("live"))
    assert page.status_code == 200
    text = page.content.decode()
    assert f'data-live="{at("figures")}"' in text
    assert "The provider refused it" in text
    assert "550 nobody" in text
    found = client.get(at("figures")).json()
    assert (found["due"], found["unknown"], found["state"]) == (16, 1, "busy")
    assert "Last hour: sent 12, failed 1" in found["html"]


def test_an_empty_installation_has_a_page_too(as_role, now):
    arming.arm(None, now)
    heartbeat.beat("dispatcher", "here", now)
    text = as_role("analyst").get(at("live")).content.decode()
    assert "Nothing waits to be sent." in text
    assert "Nothing to send now" in text
    assert "Stop all mail" not in text


def test_nobody_who_is_missing_goes_unnoticed(as_role, now):
    arming.arm(None, now)
    text = as_role("marketing_manager").get(at("live")).content.decode()
    assert "No dispatcher has shown itself" in text
    assert live.read(now).state == "trouble"


def test_an_analyst_sees_figures_and_no_answers_about_people(as_role, sending):
    client = as_role("analyst")
    text = client.get(at("live")).content.decode()
    assert "550 nobody" not in text
    assert client.post(at("stop"), {"provider": "brevo"}).status_code == 403


@pytest.mark.parametrize("role", ["sales_rep"])
def test_it_is_closed_to_others(as_role, role):
    assert as_role(role).get(at("live")).status_code in {302, 403}


def test_a_person_stops_a_provider_and_lets_it_go(as_role, sending, now):
    client = as_role("marketing_manager")
    client.post(at("stop"), {"provider": "brevo", "reason": "wrong prices"})
    lane = Lane.objects.get()
    assert (lane.stopped_at, lane.stopped_because) == (now, "wrong prices")
    text = client.get(at("live")).content.decode()
    assert "wrong prices" in text
    assert "Let it send again" in text
    assert live.read(now).state == "trouble"
    for _twice in range(2):
        client.post(at("resume"), {"provider": "brevo"})
    lane.refresh_from_db()
    assert lane.stopped_at is None
    acts = SendingAct.objects.order_by("pk").values_list("act", "by")
    assert list(acts) == [("stopped", client.user.pk), ("resumed", client.user.pk)]


def test_opening_changes_nothing(as_role, sending):
    client = as_role("marketing_manager")
    assert client.get(at("stop")).status_code == 405
    assert client.get(at("resume")).status_code == 405


def test_a_refusal_says_what_to_do(as_role, sending, now):
    lanes.stop("brevo", "credentials_refused", now, detail="401 unknown key")
    text = as_role("marketing_manager").get(at("live")).content.decode()
    assert "The mail provider refuses our credentials" in text
    assert "401 unknown key" in text
    assert "is the key valid" in text


def test_a_stopped_provider_is_told_on_the_first_page(as_role, sending, now):
    lanes.stop("brevo", "credentials_refused", now)
    client = as_role("marketing_manager")
    text = client.get(reverse("admin:index")).content.decode()
    assert "No mail goes out through Brevo" in text
    lanes.resume("brevo", client.user, now)
    text = client.get(reverse("admin:index")).content.decode()
    assert "No mail goes out through Brevo" not in text


def test_waiting_trouble_and_the_days_end_each_say_so(as_role, sending, now):
    client = as_role("marketing_manager")
    lanes.wait("brevo", now + timedelta(minutes=5))
    assert "asked us to slow down" in client.get(at("live")).content.decode()
    Lane.objects.update(not_before=None)
    lanes.note_trouble("brevo", "ConnectionRefusedError", now)
    assert "cannot be reached" in client.get(at("live")).content.decode()
    lanes.note_trouble("brevo", "", now)
    Lane.objects.update(per_day=5, day=lanes.today(now), taken=5)
    assert "enough for today" in client.get(at("live")).content.decode()


def test_a_campaign_near_a_threshold_is_named(as_role, sending, now):
    ids = Delivery.objects.filter(state="sent").values_list("pk", flat=True)[:6]
    thresholds.note([(pk, Kind.BOUNCED) for pk in ids], now)
    text = as_role("analyst").get(at("live")).content.decode()
    assert "Too many addresses do not exist" in text
    assert "warning" in text


# -- Limits and rules ----------------------------------------------------------------


def test_a_manager_sets_limits_and_her_name_is_kept(as_role, now):
    client = as_role("marketing_manager")
    lanes.make("brevo")
    lane = Lane.objects.get()
    Lane.objects.update(taken=7, day=lanes.today(now), earlier_days=3)
    address = reverse("admin:sequences_lane_change", args=[lane.pk])
    assert client.get(address).status_code == 200
    typed = {"per_minute": 100, "per_day": "", "first_day": 50, "growth": 30}
    page = client.post(address, {"domains": "", **typed})
    assert page.status_code == 302, page.context["adminform"].form.errors
    lane.refresh_from_db()
    assert (lane.per_minute, lane.first_day, lane.growth) == (100, 50, 30)
    # Its state is the senders', but a warm-up begins with its first day.
    assert (lane.taken, lane.earlier_days) == (7, 0)
    act = SendingAct.objects.get()
    assert (act.act, act.by, act.subject) == ("limited", client.user, "brevo")
    assert "per_minute" in act.reason


def test_a_limit_for_domains_is_added_and_taken_away(as_role, settings):
    settings.MAIL_TRANSPORT = "brevo"
    client = as_role("administrator")
    lanes.make("brevo")
    typed = {
        "provider": "brevo",
        "domains": "@Gmail.com, googlemail.com",
        "per_minute": 60,
        "growth": 50,
    }
    add = reverse("admin:sequences_lane_add")
    assert client.post(add, typed).status_code == 302
    lane = Lane.objects.exclude(domains=[]).get()
    assert lane.domains == ["gmail.com", "googlemail.com"]
    again = client.post(add, typed)
    assert "another limit holds" in again.content.decode()
    wrong = client.post(add, {**typed, "domains": "gmail"})
    assert "is no domain" in wrong.content.decode()
    whole = client.post(add, {**typed, "domains": ""})
    assert "The provider has its limit" in whole.content.decode()
    delete = reverse("admin:sequences_lane_delete", args=[lane.pk])
    client.post(delete, {"post": "yes"})
    assert list(Lane.objects.values_list("domains", flat=True)) == [[]]


def test_a_providers_own_limit_stays(as_role):
    client = as_role("administrator")
    lanes.make("brevo")
    delete = reverse("admin:sequences_lane_delete", args=[Lane.objects.get().pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


def test_editors_do_not_loosen_the_brakes(as_role):
    client = as_role("marketing_editor")
    for name in ("sequences_lane_changelist", "sequences_sendingrules_changelist"):
        page = client.get(reverse(f"admin:{name}"), follow=True)
        assert page.status_code == 403


def test_the_rules_open_at_once_and_refuse_nonsense(as_role):
    client = as_role("marketing_manager")
    page = client.get(reverse("admin:sequences_sendingrules_changelist"), follow=True)
    assert page.status_code == 200
    address = page.redirect_chain[-1][0]
    typed = {
        "weekly_cap": 3,
        "bounce_warn": 5,
        "bounce_stop": 8,
        "complaint_warn": "0.1",
        "complaint_stop": "0.3",
        "failure_warn": 20,
        "failure_stop": 10,
    }
    assert "comes too late" in client.post(address, typed).content.decode()
    assert client.post(address, {**typed, "failure_warn": 5}).status_code == 302
    assert SendingRules.objects.get().weekly_cap == 3
    assert SendingAct.objects.get().act == "ruled"


def test_reading_takes_the_clock_of_the_database():
    assert live.read(clock.now()).queues[0].campaign_id is None


def test_a_senders_domain_that_fails_is_told_where_mail_goes_out(manager, sending):
    page = manager.get(at("live")).content.decode()
    assert "taken for spam" not in page
    SenderDomain.objects.create(
        domain="distributor.example",
        findings=[Finding("dkim", "bad", "dkim_revoked", {"selector": "s"}).as_dict()],
        since={"dkim": "2026-11-20T08:00:00+00:00"},
    )
    page = manager.get(at("live")).content.decode()
    assert "taken for spam: DKIM, since 20 Nov" in page
    assert reverse("admin:campaign_messages_senderdomain_changelist") in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Outbox (nothing leaves"), ("es", "Bandeja de salida (nada sale")],
)
def test_a_provider_goes_by_the_name_people_use(as_role, now, language, words):
    client = as_role("marketing_manager")
    client.cookies["language"] = language
    lanes.make("outbox")
    lanes.stop("outbox", "by_hand", now, by=client.user)
    for page in (at("live"), reverse("admin:sequences_sendingact_changelist")):
        text = client.get(page).content.decode()
        assert words in text
        assert ">outbox<" not in text
    assert SendingAct.objects.get().subject == "outbox"


def test_records_of_limits_keep_the_slug_whoever_writes_them(as_role, now):
    client = as_role("administrator")
    lane = Lane.objects.create(provider="outbox", domains=["gmail.com"])
    with override("en"):
        assert str(lane).startswith("Outbox (")
    page = reverse("admin:sequences_lane_delete", args=[lane.pk])
    client.cookies["language"] = "es"
    client.post(page, {"post": "yes"})
    act = SendingAct.objects.get()
    assert act.subject == "outbox: gmail.com"
    with override("en"):
        assert act.about == "Outbox (nothing leaves this installation): gmail.com"
