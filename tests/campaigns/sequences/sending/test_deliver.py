from datetime import timedelta
from functools import partial
from threading import Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.consent import suppression
from accounts.journal.record import NewEvent, record
from campaigns.sequences import arming
from campaigns.sequences.brakes import grip
from campaigns.sequences.models import Attempt, Campaign, Delivery, Enrolment, Lane
from campaigns.sequences.planning import lifecycle
from campaigns.sequences.sending import (
    claim,
    gate,
    letters,
    look,
    settle,
    stoplist,
)
from campaigns.sequences.sending import deliver as delivering
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from campaigns.sequences.sending.plans import Plans
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_message,
    make_people,
    make_worker,
    start,
)
from tests.factories import UserFactory
from tests.races import at_once
from tests.support.smtp_sink import Reply

pytestmark = pytest.mark.django_db


def plan(number=1, *steps, **fields):
    """People with a message planned for this morning."""
    people = make_people(number)
    campaign = start(make_campaign(*steps, **fields))
    advance(MORNING)
    return campaign, people


def found():
    return sorted(Delivery.objects.values_list("state", "reason"))


def test_what_is_due_is_sent_once_to_everybody(worker, smtp):
    plan(5)
    outcome = deliver(MORNING, worker=worker)
    assert outcome.states == {"sent": 5}
    assert sorted(smtp.recipients().values()) == [1] * 5
    assert set(smtp.deliveries()) == {
        str(uuid) for uuid in Delivery.objects.values_list("uuid", flat=True)
    }
    assert deliver(MORNING, worker=worker).claimed == 0
    assert found() == [("sent", "")] * 5
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"accepted"}
    assert Enrolment.objects.filter(sent_at__gte=MORNING).count() == 5
    assert set(Delivery.objects.values_list("transport", "attempts")) == {("smtp", 1)}


def test_nothing_goes_out_before_its_time(worker, smtp):
    plan(1)
    assert deliver(MORNING - timedelta(minutes=1), worker=worker).claimed == 0


def object_to_it(campaign, buyer):
    buyer.permissions.update(allowed=False)


def suppress(campaign, buyer):
    suppression.suppress(
        buyer.address_hash, "marketing", reason="complained", source="t", at=MORNING
    )


def leave_company(campaign, buyer):
    buyer.active = False
    buyer.save()


def bar_company(campaign, buyer):
    buyer.account.eligible = False
    buyer.account.save()


def lose_address(campaign, buyer):
    buyer.email = ""
    buyer.save()


def colleague_orders(campaign, buyer):
    record(
        NewEvent(
            kind="ordered",
            account_id=buyer.account_id,
            buyer_id=None,
            occurred_at=MORNING,
            source="store",
            key="1",
            data={"channel": "online", "amount": "1", "currency": "EUR"},
        )
    )


def stop(campaign, buyer):
    Campaign.objects.filter(pk=campaign.pk).update(state="stopped")


def leave_campaign(campaign, buyer):
    Enrolment.objects.update(state="exited", exit_reason="goal_reached", due_at=None)


def change_condition(campaign, buyer):
    step = campaign.versions.get().steps.get()
    nobody = {"condition": "country", "value": ["PE"], "not": False}
    step.only_if = {"all": [nobody]}
    step.save()


DEEDS = [
    (object_to_it, "no_permission"),
    (suppress, "suppressed"),
    (leave_company, "inactive"),
    (bar_company, "ineligible"),
    (lose_address, "no_address"),
    (colleague_orders, "goal_reached"),
    (stop, "campaign_stopped"),
    (leave_campaign, "goal_reached"),
    (change_condition, "condition"),
]


@pytest.mark.parametrize(("deed", "reason"), DEEDS)
def test_the_last_look_sees_what_happened_since_planning(deed, reason, worker, smtp):
    campaign, (ana,) = plan()
    if deed is stop:
        # Claimed before the stop, looked at after it.
        claimed = claim.claim(MORNING, worker=worker.name, limit=1)
        stop(campaign, ana)
        held = grip.take("smtp", worker=worker.name)
        outcome = delivering.Outcome()
        run = delivering._Run(MORNING, worker, held, delivering.never, outcome)
        run.send(claimed)
    else:
        deed(campaign, ana)
        deliver(MORNING, worker=worker)
    assert found() == [("skipped", reason)]
    assert smtp.mails == []
    assert not Attempt.objects.exists()


def test_the_last_look_leaves_the_others_alone(worker, smtp):
    _campaign, (ana, ben, eva) = plan(3)
    object_to_it(None, ben)
    outcome = deliver(MORNING, worker=worker)
    assert outcome.states == {"sent": 2, "skipped": 1}
    assert set(smtp.recipients()) == {ana.email, eva.email}


@pytest.mark.parametrize(
    # The conditions of a batch are read once: steps that run do not change.
    ("deed", "reason"),
    DEEDS[:-1],
)
def test_what_happens_after_the_look_holds_back_what_has_not_begun(
    deed, reason, worker, smtp, monkeypatch
):
    """The first message is on the wire when it happens; the second is not."""
    campaign, people = plan(2)
    monkeypatch.setattr("campaigns.sequences.sending.stoplist.POLL_SECONDS", 0)

    def happen(stage, address):
        if stage == "END" and len(smtp.mails) == 0:
            (other,) = (one for one in people if one.email != address)
            smtp.happened = other
        return

    smtp.tricks.append(happen)
    begin = delivering.ChunkGate.end

    def end(gate, letter, result):
        begin(gate, letter, result)
        deed(campaign, smtp.happened)

    monkeypatch.setattr(delivering.ChunkGate, "end", end)
    deliver(MORNING, worker=worker)
    told = dict(Delivery.objects.values_list("buyer__email", "reason"))
    assert told[smtp.happened.email or ""] == reason
    assert len(smtp.mails) == 1
    assert sorted(Attempt.objects.values_list("outcome", flat=True)) == [
        "accepted",
        "withheld",
    ]


def test_without_the_stop_list_it_would_have_gone_out(worker, smtp, monkeypatch):
    campaign, people = plan(2)
    monkeypatch.setattr("campaigns.sequences.sending.stoplist.POLL_SECONDS", 3600)
    end = delivering.ChunkGate.end

    def end_and_object(gate, letter, result):
        end(gate, letter, result)
        for buyer in people:
            object_to_it(campaign, buyer)

    monkeypatch.setattr(delivering.ChunkGate, "end", end_and_object)
    deliver(MORNING, worker=worker)
    assert len(smtp.mails) == 2


def test_without_the_last_look_it_would_have_gone_out(worker, smtp, monkeypatch):
    campaign, (ana,) = plan()
    colleague_orders(campaign, ana)
    monkeypatch.setattr("campaigns.sequences.goals.reached", lambda row: "false")
    monkeypatch.setattr(look, "_of_any_step", look._of_any_step.__wrapped__)
    deliver(MORNING, worker=worker)
    assert len(smtp.mails) == 1


def test_a_paused_campaign_keeps_its_messages_for_later(worker, smtp):
    campaign, _people = plan(2)
    lifecycle.pause(campaign, UserFactory(), MORNING)
    assert deliver(MORNING, worker=worker).claimed == 0
    lifecycle.resume(campaign, UserFactory(), MORNING)
    assert deliver(MORNING, worker=worker).states == {"sent": 2}


def test_a_pause_in_the_middle_puts_back_what_has_not_begun(worker, smtp, monkeypatch):
    campaign, _people = plan(3)
    monkeypatch.setattr("campaigns.sequences.sending.stoplist.POLL_SECONDS", 0)
    end = delivering.ChunkGate.end

    def end_and_pause(gate, letter, result):
        end(gate, letter, result)
        lifecycle.pause(campaign, None, MORNING)

    monkeypatch.setattr(delivering.ChunkGate, "end", end_and_pause)
    deliver(MORNING, worker=worker)
    assert found() == [("planned", ""), ("planned", ""), ("sent", "")]
    monkeypatch.undo()
    lifecycle.resume(Campaign.objects.get(), None, MORNING)
    deliver(MORNING, worker=worker)
    assert sorted(smtp.recipients().values()) == [1, 1, 1]


def test_what_is_too_late_by_now_is_not_sent(worker, smtp):
    plan(1)
    deliver(MORNING + timedelta(hours=49), worker=worker)
    assert found() == [("skipped", "too_late")]


def test_at_night_a_delayed_message_waits_for_the_next_hour(worker, smtp):
    plan(1)
    night = MORNING + timedelta(hours=14)
    assert deliver(night, worker=worker).states == {"planned": 1}
    assert smtp.mails == []
    assert Delivery.objects.get().due_at == MORNING + timedelta(days=1)
    deliver(MORNING + timedelta(days=1), worker=worker)
    assert len(smtp.mails) == 1


def test_a_later_answer_is_tried_again_later(worker, smtp):
    plan(1)
    smtp.tricks.append(
        lambda stage, _to: Reply("450 later") if stage == "END" else None
    )
    deliver(MORNING, worker=worker)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.reason) == ("planned", "later")
    assert delivery.detail == "450 later"
    assert delivery.due_at >= MORNING + timedelta(minutes=1)
    assert deliver(MORNING, worker=worker).claimed == 0
    smtp.tricks.clear()
    deliver(MORNING + timedelta(minutes=2), worker=worker)
    assert found() == [("sent", "")]
    outcomes = Attempt.objects.order_by("number").values_list("number", "outcome")
    assert list(outcomes) == [(1, "later"), (2, "accepted")]


def test_after_six_tries_it_is_given_up(worker, smtp):
    plan(1)
    Delivery.objects.update(not_after=None)
    smtp.tricks.append(
        lambda stage, _to: Reply("450 later") if stage == "RCPT" else None
    )
    for _ in range(settle.MOST_ATTEMPTS):
        assert Delivery.objects.get().state == "planned"
        deliver(MORNING, worker=worker)
        Delivery.objects.filter(state="planned").update(due_at=MORNING)
    assert found() == [("failed", "given_up")]


def test_a_refusal_is_final_and_says_what_the_server_said(worker, smtp):
    _campaign, (ana, _ben) = plan(2)

    def refuse(stage, address):
        return (
            Reply("550 no such user")
            if (stage, address) == ("RCPT", ana.email)
            else None
        )

    smtp.tricks.append(refuse)
    deliver(MORNING, worker=worker)
    assert found() == [("failed", "refused"), ("sent", "")]
    assert Delivery.objects.get(state="failed").detail == "550 no such user"


def test_a_message_that_cannot_be_composed_fails_alone(worker, smtp, monkeypatch):
    _campaign, (ana, ben) = plan(2)
    ana.email = "ana@evil=?.example"
    type(ana).objects.filter(pk=ana.pk).update(email="=?x?=@company.example")
    deliver(MORNING, worker=worker)
    assert dict(Delivery.objects.values_list("buyer_id", "reason")) == {
        ana.pk: "not_composed",
        ben.pk: "",
    }
    assert set(smtp.recipients()) == {ben.email}


def test_no_message_fails_because_a_sender_has_no_memory_left(
    worker, smtp, monkeypatch
):
    plan(2)

    def starve(*_arguments, **_options):
        raise MemoryError

    with monkeypatch.context() as starving:
        starving.setattr(letters.envelope, "bytes", starve)
        with pytest.raises(MemoryError):
            deliver(MORNING, worker=worker)
    assert {state for state, _reason in found()} == {"planned"}
    assert smtp.mails == []
    assert deliver(MORNING, worker=worker).states == {"sent": 2}


def test_a_new_address_gets_the_message_and_is_looked_at_first(worker, smtp):
    _campaign, (ana,) = plan()
    ana.email = "ana.new@company.example"
    ana.save()
    assert deliver(MORNING, worker=worker).states == {"planned": 1}
    assert deliver(MORNING, worker=worker).states == {"sent": 1}
    assert set(smtp.recipients()) == {"ana.new@company.example"}


def test_a_new_address_that_a_colleague_has_gets_it_once(worker, smtp):
    _campaign, (ana, ben) = plan(2)
    ben.email = ana.email
    ben.save()
    while deliver(MORNING, worker=worker).claimed:
        continue
    assert smtp.recipients() == {ana.email: 1}
    assert found() == [("sent", ""), ("skipped", "same_mailbox")]


def test_a_database_that_is_not_armed_sends_nothing(worker, smtp):
    plan(1)
    arming.disarm()
    outcome = deliver(MORNING, worker=worker)
    assert (outcome.trouble, outcome.claimed) == ("disarmed", 0)
    assert found() == [("planned", "")]
    assert arming.overdue(MORNING).count() == 1


def test_a_server_that_is_not_there_costs_nobody_a_try(worker, smtp, settings):
    plan(2)
    worker.transport._lines[0]._backend.port = 1
    outcome = deliver(MORNING, worker=worker)
    assert "unreachable" in outcome.trouble
    assert found() == [("planned", "")] * 2
    assert not Attempt.objects.exists()


def test_refused_credentials_stop_the_provider_at_once(worker, smtp):
    plan(2)
    smtp.tricks.append(
        lambda stage, _to: Reply("530 log in first") if stage == "MAIL" else None
    )
    outcome = deliver(MORNING, worker=worker)
    assert "credentials" in outcome.trouble
    lane = Lane.objects.get(provider="smtp")
    assert lane.stopped_at >= MORNING
    assert lane.stopped_because == "credentials_refused"
    assert found() == [("planned", "")] * 2
    smtp.tricks.clear()
    assert deliver(MORNING, worker=worker).trouble == "braked"
    assert found() == [("planned", "")] * 2


def test_a_worker_that_is_told_to_stop_puts_back_the_rest(worker, smtp):
    plan(3)
    outcome = deliver(MORNING, worker=worker, stopping=lambda: bool(smtp.mails))
    assert outcome.states == {"sent": 1, "planned": 2}
    assert found() == [("planned", ""), ("planned", ""), ("sent", "")]


def test_a_step_whose_condition_vanished_pauses_its_campaign(worker, smtp):
    campaign, _people = plan(1)
    campaign.versions.get().steps.update(
        only_if={"all": [{"condition": "star_sign", "value": 1}]}
    )
    deliver(MORNING, worker=worker)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.pause_reason) == ("paused", "bad_condition")
    assert found() == [("planned", "")]


def test_a_service_message_needs_no_permission(worker, smtp):
    _campaign, (ana,) = plan(1, {"message": make_message(purpose="service")})
    object_to_it(None, ana)
    deliver(MORNING, worker=worker)
    assert found() == [("sent", "")]


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_to_everybody_once(smtp, spool_folder):
    from campaigns.sequences.sending import transports

    plan(60)
    workers = [
        make_worker(spool_folder, transports.make(), name) for name in ("one", "two")
    ]
    for worker in workers:
        worker.pace.per_second = 10

    def send():
        worker = workers.pop()
        while deliver(MORNING, worker=worker).claimed:
            continue
        worker.close()

    at_once(send, 2)
    assert sorted(smtp.recipients().values()) == [1] * 60
    assert found() == [("sent", "")] * 60


def claim_while_another_claims():
    """What a second worker gets while the first has not yet committed its claim."""
    answers = []

    def second():
        answers.append(len(claim.claim(MORNING, worker="second", limit=10)))
        connection.close()

    thread = Thread(target=second)
    with transaction.atomic():
        answers.append(len(claim.claim(MORNING, worker="first", limit=10)))
        thread.start()
        wait_until_blocked(thread)
    thread.join()
    return answers


def wait_until_blocked(thread):
    """Until the other waits for a lock of ours, or has not met one."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with connection.cursor() as cursor:
        blocked = False
        while thread.is_alive() and not blocked:
            # Within a transaction PostgreSQL shows what it saw first, until told.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            blocked = bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_a_second_worker_passes_over_what_the_first_is_claiming():
    plan(10)
    assert claim_while_another_claims() == [10, 0]


@pytest.mark.django_db(transaction=True)
def test_without_the_claims_lock_both_would_have_the_same(monkeypatch):
    plan(10)
    due = "SELECT sequences_due(%(at)s, %(limit)s)"
    assert due in claim._TAKE
    unlocked = claim._TAKE.replace("FOR NO KEY UPDATE SKIP LOCKED", "").replace(
        due,
        "SELECT delivery_id FROM sequences_queued"
        " WHERE due_at <= %(at)s ORDER BY due_at, delivery_id LIMIT %(limit)s",
    )
    monkeypatch.setattr(claim, "_TAKE", unlocked)
    assert claim_while_another_claims() == [10, 10]


@pytest.fixture
def paused_while_composing(monkeypatch):
    """To compose the next chunk takes long, and the campaign is paused meanwhile."""
    campaign, _people = plan(2)
    run, watch, late = look.fetch_beside, gate.stopwatch, [0.0]

    def compose_for_long(statements, work):
        rows = run(statements, work)
        lifecycle.pause(campaign, None, MORNING)
        late[0] = stoplist.POLL_SECONDS
        return rows

    monkeypatch.setattr(look, "fetch_beside", compose_for_long)
    monkeypatch.setattr(gate, "stopwatch", lambda: watch() + late[0])


@pytest.mark.usefixtures("paused_while_composing")
def test_what_is_paused_while_the_next_is_composed_is_held_back(worker, smtp):
    deliver(MORNING, worker=worker)
    assert smtp.mails == []
    assert found() == [("planned", "")] * 2


@pytest.mark.usefixtures("paused_while_composing")
def test_a_look_whose_age_nobody_reckons_would_let_it_go(worker, smtp, monkeypatch):
    """The negative control."""

    def as_if_new(ids, ask, *, age):
        return stoplist.StopList(ids, ask)

    monkeypatch.setattr(delivering, "StopList", as_if_new)
    deliver(MORNING, worker=worker)
    assert len(smtp.mails) == 2


def test_statements_per_message(worker, smtp, monkeypatch):
    """At most 0.05 a message; the rest of a batch's is shared by 512 of them.

    No time passes: on a slow computer the stop list is asked, too, and plans grow old.
    """
    monkeypatch.setattr(gate, "stopwatch", lambda: 1000.0)
    monkeypatch.setattr(
        delivering, "StopList", partial(stoplist.StopList, clock=lambda: 1000.0)
    )
    worker.plans = Plans(clock=lambda: 1000.0)
    plan(1088)
    # After these a batch does not double what was sent: plans are kept.
    deliver(MORNING, worker=worker, limit=64)
    deliver(MORNING, worker=worker)
    with CaptureQueriesContext(connection) as queries:
        sent = deliver(MORNING, worker=worker).sent
    assert sent == 512
    assert len(queries) / sent <= 0.05, len(queries)
