"""Senders killed in the middle of their work, ten times over two thousand messages.

The server's own ledger judges: a process of its own that outlives all of them.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest

from accounts.journal import clock, invariants
from campaigns.sequences.models import Delivery, Enrolment
from tests.campaigns.sequences.scenes import make_campaign, make_people, start

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MESSAGES = 2_000
KILLS = 10


@pytest.fixture
def ledger(tmp_path):
    """A sink in a process of its own; yields its port and a reader of its ledger."""
    path = tmp_path / "ledger"
    path.touch()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.smtp_sink", str(path)],
        stdout=subprocess.PIPE,
    )
    port = int(process.stdout.readline())
    yield port, lambda: [line.split("\t") for line in path.read_text().splitlines()]
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def senders(process_environment, ledger):
    """Starts a "dispatcher" or a "worker" and returns its process id."""
    port, _read = ledger
    environment = {
        **process_environment,
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "LOG_LEVEL": "ERROR",
    }
    parent = subprocess.Popen(
        [sys.executable, "-m", "tests.support.senders"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    )
    started = []

    def begin(kind):
        parent.stdin.write(f"{kind}\n")
        parent.stdin.flush()
        started.append(int(parent.stdout.readline()))
        return started[-1]

    assert parent.stdout.readline() == "ready\n"
    with parent:
        yield begin
        for pid in started:
            kill(pid)
        parent.kill()


def kill(pid):
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def plan(number):
    """Everybody is due now, by the real clock, and where she is it is noon."""
    at = clock.now()
    ahead = 12 - at.hour
    make_people(number, time_zone=f"Etc/GMT{-ahead:+d}")
    start(make_campaign({"working_days": False}), at - timedelta(days=2))
    Enrolment.objects.update(due_at=at - timedelta(minutes=1))


def wait_for(condition, *, seconds=60):
    """Poll until it holds; the time only bounds a failure."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "It never came to that."
        time.sleep(0.02)


def test_ten_kills_over_two_thousand_messages(senders, ledger):
    _port, read = ledger
    plan(MESSAGES)
    dice = random.Random(7)
    running = {kind: senders(kind) for kind in ("dispatcher", "worker")}
    for number in range(KILLS):
        # When so many more are out, in the middle of what it is doing.
        goal = (number + 1) * MESSAGES // (KILLS + 2)
        wait_for(lambda goal=goal: len(read()) >= goal)
        kind = dice.choice(["dispatcher", "worker"])
        kill(running[kind])
        running[kind] = senders(kind)
    wait_for(lambda: Delivery.objects.exists() and not open_ones().exists())
    judge(read(), kills=KILLS)


def open_ones():
    return Delivery.objects.open()


def judge(taken, *, kills):
    """Nothing twice, nothing lost, and at most one unknown for each kill."""
    assert max(Counter(delivery for delivery, _to in taken).values()) == 1
    assert max(Counter(address for _delivery, address in taken).values()) == 1
    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert sum(states.values()) == MESSAGES
    assert set(states) <= {"sent", "unknown"}
    assert states["unknown"] <= kills
    # What the server has is sent or unknown; what we call sent, the server has.
    known = dict(taken)
    uuids = {str(u): s for u, s in Delivery.objects.values_list("uuid", "state")}
    assert all(uuids[delivery] in {"sent", "unknown"} for delivery in known)
    assert all(uuid in known for uuid, state in uuids.items() if state == "sent")
    assert len(known) >= states["sent"]
    broken = [one for one in invariants.audit(clock.now()) if not one.holds]
    assert not broken
