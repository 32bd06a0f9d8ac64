"""What every test with broken senders asks for: people who are due, and a judge."""

import time
from collections import Counter
from datetime import timedelta

from accounts.journal import clock, invariants
from campaigns.sequences.models import Delivery, Enrolment
from tests.campaigns.sequences.scenes import make_campaign, make_people, start


def plan(number):
    """Everybody is due now, by the real clock, and where she is it is noon."""
    at = clock.now()
    ahead = 12 - at.hour
    make_people(number, time_zone=f"Etc/GMT{-ahead:+d}")
    start(make_campaign({"working_days": False}), at - timedelta(days=2))
    Enrolment.objects.update(due_at=at - timedelta(minutes=1))


def wait_for(condition, *, seconds=180):
    """Poll until it holds; the time only bounds a failure."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "It never came to that."
        time.sleep(0.02)


def is_all_settled():
    return Delivery.objects.exists() and not Delivery.objects.open().exists()


def unknown():
    return Delivery.objects.unknown().count()


def judge(taken, *, planned, unknown):
    """Nothing twice, nothing lost, and at most so many *unknown*."""
    assert max(Counter(delivery for delivery, _to in taken).values()) == 1
    assert max(Counter(address for _delivery, address in taken).values()) == 1
    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert sum(states.values()) == planned
    assert set(states) <= {"sent", "unknown"}
    assert states["unknown"] <= unknown
    # What the server has is sent or unknown; what we call sent, the server has.
    known = dict(taken)
    uuids = {str(u): s for u, s in Delivery.objects.values_list("uuid", "state")}
    assert all(uuids[delivery] in {"sent", "unknown"} for delivery in known)
    assert all(uuid in known for uuid, state in uuids.items() if state == "sent")
    assert len(known) >= states["sent"]
    broken = [one for one in invariants.audit(clock.now()) if not one.holds]
    assert not broken
