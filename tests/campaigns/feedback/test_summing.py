"""Two note something about one message at a time: its sums hold both."""

from threading import Thread

import pytest
from django.db import connection, transaction

from campaigns.feedback import summing
from campaigns.feedback.models import Report
from campaigns.sequences.models import MeasuredDelivery
from tests.campaigns.sequences.sending.judging import wait_for

from .scenes import SENT, make_sent

pytestmark = pytest.mark.django_db(transaction=True)


def note(delivery, machine):
    Report.objects.create(
        key=bytes([machine]),
        provider="own",
        kind="opened",
        delivery=delivery,
        occurred_at=SENT,
        machine=machine,
    )
    summing.sum_up({delivery.pk})


def note_elsewhere(delivery, machine):
    try:
        with transaction.atomic():
            note(delivery, machine)
    finally:
        connection.close()


def is_anybody_waiting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def sum_of_two_at_once():
    delivery = make_sent()
    MeasuredDelivery.objects.create(delivery=delivery)
    other = Thread(target=note_elsewhere, args=(delivery, 80))
    with transaction.atomic():
        note(delivery, 5)
        other.start()
        wait_for(is_anybody_waiting, seconds=30)
    other.join(60)
    return MeasuredDelivery.objects.get().opened


def test_the_later_one_sees_what_the_earlier_one_noted():
    assert sum_of_two_at_once() == 5


def test_without_the_lock_it_would_not(monkeypatch):
    """The negative control: it counts what it saw before it had to wait."""
    monkeypatch.setattr(summing, "_LOCK", "SELECT 1")
    assert sum_of_two_at_once() == 80
