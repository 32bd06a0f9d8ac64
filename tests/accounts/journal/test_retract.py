"""Taking back what was recorded by mistake."""

from datetime import timedelta

import pytest

from accounts.journal import kinds, proofs, react, retract, timeline
from accounts.journal.models import Event, EventInbox, EventPoison, KindProgress
from accounts.journal.record import record
from tests.factories import BuyerFactory

from .conftest import NOON, event, order

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _waving(monkeypatch):
    monkeypatch.setitem(kinds._known, "waved", kinds.Kind("waved", "Waved"))


def wave(account, buyer, hours=0):
    told = event(account, buyer, "waved", occurred_at=NOON + hours * HOUR)
    record(told)
    return told


def progress(buyer):
    react.react_to_all(NOON)
    rows = KindProgress.objects.filter(kind="waved", buyer_id=buyer.pk)
    return rows.values_list("first_at", "last_at", "count").first()


def test_what_is_taken_back_counts_no_more(account, buyer):
    first, last = (wave(account, buyer, hours) for hours in (0, 5))
    assert progress(buyer) == (NOON, NOON + 5 * HOUR, 2)
    assert retract.retract(first.source, first.key, NOON)
    assert progress(buyer) == (NOON + 5 * HOUR, NOON + 5 * HOUR, 1)
    assert retract.retract(last.source, last.key, NOON)
    assert progress(buyer) is None
    assert proofs._sums_are_right(NOON).count == 0


def test_twice_taken_back_is_once(account, buyer):
    told = wave(account, buyer)
    assert retract.retract(told.source, told.key, NOON)
    assert not retract.retract(told.source, told.key, NOON)
    assert Event.objects.filter(kind="retracted").count() == 1


def test_nothing_is_taken_back_that_was_never_told(account):
    assert not retract.retract("test", "unknown", NOON)


def test_it_may_be_told_once_more(account, buyer):
    told = wave(account, buyer)
    assert retract.standing_key(told.source, told.key) == told.key
    retract.retract(told.source, told.key, NOON)
    again = retract.standing_key(told.source, told.key)
    assert again == f"{told.key}#2"
    record(event(account, buyer, "waved", key=again, occurred_at=NOON))
    assert retract.standing_key(told.source, told.key) == again
    assert progress(buyer)[2] == 1


def test_taken_back_before_anything_reacted(account, buyer):
    told = wave(account, buyer)
    retract.retract(told.source, told.key, NOON)
    assert progress(buyer) is None


def test_others_keep_theirs(account, buyer):
    other = BuyerFactory(account=account)
    told = wave(account, buyer)
    wave(account, other, 1)
    progress(buyer)
    retract.retract(told.source, told.key, NOON)
    assert progress(other)[2] == 1
    assert KindProgress.objects.get(kind="waved", buyer_id=0).count == 1


def test_orders_are_corrected_where_they_come_from(account, buyer):
    told = order(account, buyer)
    record(told)
    with pytest.raises(ValueError, match="cannot be taken back"):
        retract.retract(told.source, told.key, NOON)


def test_nobody_else_writes_such_events(account, buyer):
    with pytest.raises(ValueError, match="Only `retract`"):
        record(event(account, buyer, "retracted"))


def test_the_history_names_what_was_taken_back(account, buyer):
    told = wave(account, buyer)
    retract.retract(told.source, told.key, NOON)
    labels = {str(moment.label) for moment in timeline.of_buyer(buyer)}
    assert labels == {"Waved", "Taken back: Waved"}


@pytest.mark.parametrize("stuck", [False, True])
def test_until_it_has_reacted_the_sums_are_those_of_before(account, buyer, stuck):
    told = wave(account, buyer)
    assert progress(buyer)[2] == 1
    retract.retract(told.source, told.key, NOON)
    if stuck:
        waiting = EventInbox.objects.get()
        EventPoison.objects.create(
            event_id=waiting.event_id,
            recorded_at=waiting.recorded_at,
            account=account,
            kind=kinds.RETRACTED,
            reaction="progress",
        )
        EventInbox.objects.all().delete()
    assert proofs._sums_are_right(NOON).count == 0
