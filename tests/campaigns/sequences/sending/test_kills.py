"""Senders killed and frozen in the middle of their work.

The server's own ledger judges: a process of its own that outlives all of them.
"""

import random
import signal
from collections import Counter

import pytest

from accounts.journal import clock
from campaigns.sequences.models import Delivery
from campaigns.sequences.sending import advance, reap
from tests.support.kill_points import POINTS
from tests.support.senders import is_alive, kill

from .judging import is_all_settled, judge, plan, unknown, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MESSAGES = 2_000
KILLS = 10
one_line = pytest.mark.parametrize("lines", [1])


def test_ten_kills_over_two_thousand_messages(senders, ledger, lines):
    plan(MESSAGES)
    dice = random.Random(7)
    running = {kind: senders(kind) for kind in ("dispatcher", "worker")}
    for number in range(KILLS):
        # When so many more are out, in the middle of what it is doing.
        goal = (number + 1) * MESSAGES // (KILLS + 2)
        wait_for(lambda goal=goal: len(ledger) >= goal)
        kind = dice.choice(["dispatcher", "worker"])
        kill(running[kind])
        running[kind] = senders(kind)
    wait_for(is_all_settled)
    # Of a killed sender, what was on its lines to the server.
    judge(ledger.read(), planned=MESSAGES, unknown=KILLS * lines)


#: Passages of a point that lies at a message, and of one that lies at a chunk.
OF_MESSAGES = {"begun", "written", "answered", "noted"}
PER_POINT = 40


@one_line
def test_killed_at_each_point_it_leaves_exactly_what_is_expected(senders, ledger):
    total = PER_POINT * len(POINTS)
    plan(total)
    while advance.advance(clock.now()):
        continue
    expected = 0
    for name, (_owner, _attribute, _when, leaves) in POINTS.items():
        passage = 7 if name in OF_MESSAGES else 2
        pid = senders("worker", point=name, passage=passage)
        wait_for(lambda pid=pid: not is_alive(pid))
        # Seen at once, by the lock that died with its holder.
        reap.reap(clock.now())
        expected += leaves
        states = Counter(Delivery.objects.values_list("state", flat=True))
        assert states["claimed"] + states["sending"] == 0, name
        assert states["unknown"] == expected, name
    senders("worker")
    wait_for(is_all_settled)
    judge(ledger.read(), planned=total, unknown=expected)


@one_line
def test_running_out_of_memory_leaves_at_most_one_unknown(senders, ledger):
    total = PER_POINT * len(POINTS)
    plan(total)
    while advance.advance(clock.now()):
        continue
    for deaths, name in enumerate(POINTS, 1):
        passage = 7 if name in OF_MESSAGES else 2
        pid = senders("worker", point=name, passage=passage, starves=True)
        wait_for(lambda pid=pid: not is_alive(pid))
        reap.reap(clock.now())
        assert unknown() <= deaths, name
        assert not Delivery.objects.filter(state__in=["claimed", "sending"]).exists()
    senders("worker")
    wait_for(is_all_settled)
    judge(ledger.read(), planned=total, unknown=len(POINTS))


class TestSeveralLines:
    """To a server that lets a sender wait, more is under way at a time."""

    @pytest.fixture
    def sink_options(self):
        return ["slow=20"]

    @pytest.mark.parametrize("lines", [1, 4])
    def test_a_kill_leaves_at_most_one_message_of_each_line_unknown(
        self, senders, ledger, lines
    ):
        plan(200)
        while advance.advance(clock.now()):
            continue
        # By then it has as many lines as it may have, and is in the middle of a chunk.
        pid = senders("worker", point="written", passage=100)
        wait_for(lambda: not is_alive(pid))
        reap.reap(clock.now())
        left = unknown()
        assert left == 1 if lines == 1 else 1 < left <= lines
        senders("worker")
        wait_for(is_all_settled)
        judge(ledger.read(), planned=200, unknown=lines)


def nothing_is_held():
    reap.reap(clock.now())
    return not Delivery.objects.filter(state__in=["claimed", "sending"]).exists()


def freeze_in_the_middle(senders, ledger, **more):
    """A worker is frozen at its seventh message, until others have done its work.

    It keeps its connection meanwhile, and so its place: there must be more than one.
    """
    plan(60)
    while advance.advance(clock.now()):
        continue
    order = {"point": "written", "passage": 7, "act": signal.SIGSTOP, "lease": 2}
    frozen = senders("worker", **order, **more)
    wait_for(lambda: len(ledger) == 7)
    wait_for(nothing_is_held)
    assert unknown() == 1
    senders("worker")
    wait_for(is_all_settled)
    kill(frozen, signal.SIGCONT)
    # It heard the answer to what it had written, and said so.
    wait_for(lambda: unknown() == 0)


def test_a_worker_that_thaws_after_its_lease_sends_nothing_more(senders, ledger):
    freeze_in_the_middle(senders, ledger)
    judge(ledger.read(), planned=60, unknown=0)


def test_one_that_did_not_count_its_frozen_time_would_send_twice(senders, ledger):
    freeze_in_the_middle(senders, ledger, believes_frozen_time=True)
    taken = Counter(delivery for delivery, _to in ledger.read())
    assert max(taken.values()) == 2
