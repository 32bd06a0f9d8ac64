"""Somebody is erased while senders are at work: nothing more goes out to her."""

from threading import Event, Lock, get_ident

import pytest
from django.db import connection

from accounts.consent.privacy import care
from accounts.consent.privacy.erase import erase
from accounts.consent.privacy.models import PrivacyAct
from campaigns.sequences.models import Attempt, Delivery
from campaigns.sequences.sending import claim, look, transports
from campaigns.sequences.sending import deliver as delivering
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_people,
    make_worker,
    start,
)
from tests.races import at_once
from tests.support.smtp_sink import Reply

WORKERS = 4


def plan(number):
    people = make_people(number)
    start(make_campaign())
    advance(MORNING)
    return people


def forget(buyer, at=MORNING):
    return erase(buyer, reason="request", by=None, at=at, leave_alone=False)


def found():
    return sorted(Delivery.objects.values_list("state", "reason"))


@pytest.mark.django_db
def test_what_is_planned_is_not_sent(worker, smtp):
    ana, ben = plan(2)

    forget(ana)
    deliver(MORNING, worker=worker)

    assert found() == [("sent", ""), ("skipped", "erased")]
    assert set(smtp.recipients()) == {ben.email}


@pytest.mark.django_db
def test_the_last_look_sees_who_was_erased_since_the_claim(worker, smtp):
    (ana,) = plan(1)
    end = claim.claim

    def claim_and_erase(*args, **options):
        claimed = end(*args, **options)
        forget(ana)
        return claimed

    delivering.claim.claim, kept = claim_and_erase, end
    try:
        deliver(MORNING, worker=worker)
    finally:
        delivering.claim.claim = kept

    assert found() == [("skipped", "erased")]
    assert smtp.mails == []


@pytest.mark.django_db
def test_an_answer_that_came_late_is_blanked_and_then_it_is_finished(
    worker, smtp, monkeypatch
):
    """The server names her in its answer, which is written down after the erasure."""
    # However slow the machine: the mail has left before anybody looks again.
    monkeypatch.setattr("campaigns.sequences.sending.stoplist.POLL_SECONDS", 3600)
    monkeypatch.setattr("campaigns.sequences.sending.gate.CHUNK_SECONDS", 3600)
    (ana,) = plan(1)
    address = ana.email
    acts, send = [], worker.transport.send

    def send_and_erase(letters, gate):
        acts.append(forget(ana))
        assert not care.go_on(acts[0].pk, MORNING + care.AFTERWARDS)
        smtp.tricks.append(
            lambda stage, to: (
                Reply(f"550 5.1.1 <{address}> unknown") if stage == "RCPT" else None
            )
        )
        send(letters, gate)

    worker.transport.send = send_and_erase
    deliver(MORNING, worker=worker)
    assert address in Delivery.objects.get().detail
    assert address in Attempt.objects.get().answer

    assert care.go_on(acts[0].pk, MORNING + care.AFTERWARDS)

    assert Delivery.objects.get().detail == ""
    assert Attempt.objects.get().answer == ""
    assert PrivacyAct.objects.get().looked_for == []


def race(smtp, folder, monkeypatch):
    """Four senders have chunks in hand when ten people of these are erased: the mails
    to them that the server took all the same."""
    monkeypatch.setattr("campaigns.sequences.sending.stoplist.POLL_SECONDS", 0)
    # However long the erasing takes: what a sender has in hand, it keeps in hand.
    monkeypatch.setattr("campaigns.sequences.sending.gate.CHUNK_SECONDS", 3600)
    plan(120)
    counting, go, erased, seen = Lock(), Event(), [], []

    def hold(stage, address):
        if stage != "RCPT":
            return
        with counting:
            seen.append(address)
            is_first = len(seen) == 20
        if is_first:
            chunks = Delivery.objects.filter(state="sending").select_related("buyer")
            inside = [one.buyer for one in chunks if one.buyer.email not in seen]
            erased.extend(one.email for one in inside[-10:])
            for one in inside[-10:]:
                forget(one)
            connection.close()
            go.set()
        elif len(seen) > 20:
            go.wait(30)
        return

    smtp.tricks.append(hold)

    def send():
        name = f"sender-{get_ident()}"
        worker = make_worker(folder, transports.make(), name)
        try:
            while deliver(MORNING, worker=worker, limit=30).claimed:
                continue
        finally:
            worker.close()

    at_once(send, WORKERS)
    assert len(erased) == 10
    return [mail.recipient for mail in smtp.mails if mail.recipient in erased]


@pytest.mark.django_db(transaction=True)
def test_four_senders_send_at_most_what_was_on_the_wire(
    smtp, spool_folder, monkeypatch, settings
):
    settings.MAIL_CONNECTIONS = WORKERS

    late = race(smtp, spool_folder, monkeypatch)

    assert len(late) <= WORKERS
    fates = Delivery.objects.filter(buyer__erased_at__isnull=False)
    assert set(fates.values_list("state", "reason")) <= {
        ("sent", ""),
        ("skipped", "erased"),
    }
    assert fates.filter(state="sent").count() == len(late)
    assert Delivery.objects.open().count() == 0
    assert sum(smtp.recipients().values()) == 110 + len(late)


@pytest.mark.django_db(transaction=True)
def test_without_the_second_look_they_would_be_written_to(
    smtp, spool_folder, monkeypatch, settings
):
    """The negative control."""
    settings.MAIL_CONNECTIONS = WORKERS
    monkeypatch.setattr(look.Looker, "look_again", lambda self, ids, at: {})

    assert len(race(smtp, spool_folder, monkeypatch)) > WORKERS
