"""So many commercial messages to one address within seven days, and no more."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from campaigns.sequences.brakes import cap
from campaigns.sequences.models import Delivery, SendingRules
from campaigns.sequences.sending import look
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from campaigns.sequences.sending.plans import Plans
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_message,
    make_people,
    start,
)
from tests.races import at_once

DAY = timedelta(days=1)


def allow(number):
    SendingRules.objects.update_or_create(
        singleton=True, defaults={"weekly_cap": number}
    )


def plan(campaigns=1, purpose="marketing"):
    for n in range(campaigns):
        message = make_message(name=f"Message {n}", purpose=purpose)
        start(make_campaign({"message": message}))
    advance(MORNING)


def found():
    return sorted(Delivery.objects.values_list("state", "reason"))


@pytest.mark.django_db
def test_one_more_than_the_cap_is_not_sent_and_says_why(worker, smtp):
    make_people(1)
    allow(2)
    plan(3)
    deliver(MORNING, worker=worker)
    assert found() == [("sent", ""), ("sent", ""), ("skipped", "capped")]
    assert len(smtp.mails) == 2


@pytest.mark.django_db
def test_an_empty_cap_is_none(worker):
    make_people(1)
    allow(None)
    plan(6)
    deliver(MORNING, worker=worker)
    assert found() == [("sent", "")] * 6


@pytest.mark.django_db
def test_a_new_installation_has_a_cap():
    assert SendingRules.objects.get().weekly_cap == 5


@pytest.mark.django_db
def test_service_messages_neither_count_nor_are_counted(worker):
    make_people(1)
    allow(1)
    plan(3, purpose="service")
    deliver(MORNING, worker=worker)
    plan(1)
    deliver(MORNING, worker=worker)
    assert found() == [("sent", "")] * 4


@pytest.mark.django_db
def test_after_a_week_it_is_forgotten(worker):
    make_people(1)
    allow(1)
    plan(1)
    deliver(MORNING, worker=worker)
    plan(1)
    Delivery.objects.filter(state="sent").update(sent_at=MORNING - 8 * DAY)
    deliver(MORNING, worker=worker)
    assert found() == [("sent", "")] * 2


@pytest.mark.django_db
def test_colleagues_with_one_mailbox_share_the_cap(worker):
    anna, berta = make_people(2, per_account=2)
    berta.email = anna.email
    berta.email_key, berta.address_hash = "b@other.example", anna.address_hash
    type(berta).objects.filter(pk=berta.pk).update(
        email=anna.email, address_hash=anna.address_hash
    )
    allow(1)
    plan(2)
    deliver(MORNING, worker=worker)
    assert Delivery.objects.filter(state="sent").count() == 1


@pytest.mark.django_db
def test_who_would_not_have_been_written_to_takes_nobodys_place(worker):
    make_people(1)
    allow(1)
    plan(2)
    first = Delivery.objects.order_by("pk")[0]
    first.enrolment.state, first.enrolment.exit_reason = "exited", "goal_reached"
    first.enrolment.due_at = None
    first.enrolment.save()
    deliver(MORNING, worker=worker)
    assert found() == [("sent", ""), ("skipped", "goal_reached")]


def look_at_once(monkeypatch, judged):
    """Two senders look at one address at the same time; how many may go."""
    make_people(1)
    allow(1)
    plan(2)
    ids = list(Delivery.objects.values_list("pk", flat=True))
    for n, pk in enumerate(ids):
        Delivery.objects.filter(pk=pk).update(
            state="claimed", claimed_by=f"sender-{n}", lease_until=MORNING + DAY
        )
    monkeypatch.setattr(look, "_LOOK", look._LOOK.replace(cap.JUDGED, judged))
    names, done = iter(range(2)), set()

    def see():
        number = next(names)
        looker = look.Looker({}, Plans(), worker=f"sender-{number}", transport="smtp")
        with transaction.atomic():
            (seen,) = looker.look([ids[number]], {}, MORNING).values()
            done.add(number)
            # Neither commits before the other has counted too, or waits for it.
            while len(done) < 2 and not somebody_waits():
                continue
        return seen.reason

    return sorted(at_once(see))


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        )
        return cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_keep_to_the_cap(monkeypatch):
    assert look_at_once(monkeypatch, cap.JUDGED) == ["", "capped"]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_they_would_not(monkeypatch):
    """The negative control: counted in the statement's own snapshot."""
    unlocked = cap.JUDGED.replace(
        "SELECT address, number FROM sequences_recent_mail(",
        "SELECT one, (SELECT count(*) FROM sequences_delivery AS d"
        " WHERE d.address_hash = one AND d.state = 'sending')"
        " FROM (SELECT unnest(a), since FROM (SELECT (",
    )
    unlocked = unlocked.replace(
        "%(at)s::timestamptz - interval '7 days') AS mail (address, number)",
        "%(at)s::timestamptz) AS g (a, since)) AS mail (one, since)",
    ).replace("counted AS MATERIALIZED", "counted (address, number) AS MATERIALIZED")
    unlocked = unlocked.replace(
        "sequences_sendingrules) IS NOT NULL),\n            %(at)s",
        "sequences_sendingrules) IS NOT NULL)),\n            %(at)s",
    )
    assert look_at_once(monkeypatch, unlocked) == ["", ""]
