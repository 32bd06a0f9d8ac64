"""Sending while everything around it breaks; the server's own ledger judges.

Two dispatchers and two workers send a campaign over SMTP to a server in a process of
its own, which loses the answer to one message in five hundred and hangs up politely
after every three hundred. Meanwhile, by dice: senders are killed where they stand or
at a named point, frozen past their lease and thawed; Redis is flushed, filled, frozen
and killed; PostgreSQL crashes and restarts, and connections are cut. At the end
whatever is open is left to the reaper, then the server's ledger is taken as the
provider's reports. With ``--minutes 30`` it goes on for so long, one campaign after
the other, and shows each process's memory.
"""

import os
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

import psutil
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from accounts.journal import clock, invariants
from campaigns.messages.models import Message
from campaigns.sequences import arming
from campaigns.sequences.models import (
    Campaign,
    Delivery,
    Enrolment,
    Queued,
    SendingRules,
    Step,
)
from campaigns.sequences.planning import drafts, lifecycle
from campaigns.sequences.sending import feedback, reap
from campaigns.sequences.sending.feedback import Heard, Report
from onboarding.bundled.valkey import Valkey
from tests.support import ledgers, senders

from . import _mailing
from ._wreckage import Wreckage
from .harness import MINUTES, OURS, Benchmark, Contestant, demand, work_folder

SENDERS = ("dispatcher", "dispatcher", "worker", "worker")
#: Of the server: one in so many answers gets lost, and a connection ends after so many.
LOSE, CLOSE = 500, 300
#: A fault each time so many messages more are out.
EVERY = 100
LONGEST_SECONDS = 900
#: In a soak, where a fault follows the other after some seconds, by dice.
SECONDS_BETWEEN = (0.5, 6.0)
LOOK_SECONDS, TELL_SECONDS = 0.25, 30.0


def build(size: int) -> None:
    _mailing.make_people(size, time_zone=_where_it_is_noon())
    _mailing.make_message()


def _where_it_is_noon() -> str:
    return f"Etc/GMT{clock.now().hour - 12:+d}"


def prepare(size: int) -> None:
    arming.arm(None, clock.now())
    # A soak writes to everybody again and again.
    SendingRules.objects.update_or_create(defaults={"weekly_cap": None})
    plan()


def plan() -> None:
    """A campaign of yesterday, whose message is due to everybody right now."""
    at = clock.now()
    campaign = drafts.make("Bench", goal="first_online_order")
    Step.objects.create(
        version=drafts.version_of(campaign),
        message=Message.objects.get(),
        working_days=False,
    )
    lifecycle.start(campaign, None, at - timedelta(days=1))
    while lifecycle.continue_starting():
        continue


def run(size: int) -> Mapping[str, float]:
    valkey = Valkey(work_folder() / "broken-valkey", careless=True)
    environment = {
        **os.environ,
        "REDIS_URL": valkey.start(),
        "MAIL_TRANSPORT": "smtp",
        "SPOOL_DIR": str(work_folder() / "spool"),
        "ALLOW_BUNDLED": "1",
        "LOG_LEVEL": "ERROR",
    }
    options = (f"lose={LOSE}", f"close={CLOSE}")
    folder = work_folder()
    with ledgers.kept(folder / "ledger", "tests.support.smtp_sink", *options) as ledger:
        environment["EMAIL_URL"] = f"smtp://127.0.0.1:{ledger.port}"
        with senders.running(environment) as parent:
            all_ = Wreckage(parent, ledger, valkey, random.Random(size))
            try:
                figures = _send_through(all_, size)
            finally:
                all_.end()
        valkey.stop()
        return {**_judge(all_, size), **figures}


def _send_through(all_: Wreckage, size: int) -> dict[str, float]:
    for kind in SENDERS:
        all_.start(kind)
    minutes = float(os.environ.get(MINUTES, "0"))
    if minutes:
        return _soak(all_, size, 60 * minutes)
    _by_numbers(all_, size)
    return {}


def _by_numbers(all_: Wreckage, size: int) -> None:
    """A fault each time so many messages more are out."""
    ends, strikes = time.monotonic() + LONGEST_SECONDS, 0
    while not _is_settled(size):
        demand(time.monotonic() < ends, "it did not end in time")
        all_.replace_the_dead()
        if len(all_.ledger) >= (strikes + 1) * EVERY and strikes * EVERY < size * 0.9:
            strikes += 1
            all_.strike()
        time.sleep(0.02)


def _soak(all_: Wreckage, size: int, seconds: float) -> dict[str, float]:
    """One campaign after the other, and faults by the clock; then it may settle."""
    began = time.monotonic()
    strike = look = tell = began
    memory: list[float] = []
    while (now := time.monotonic()) < began + seconds + LONGEST_SECONDS:
        all_.replace_the_dead()
        is_over = now > began + seconds
        if now >= strike and not is_over:
            strike = now + all_.dice.uniform(*SECONDS_BETWEEN)
            all_.strike()
        if now >= tell:
            tell = now + TELL_SECONDS
            memory.append(_tell(all_, now - began))
        if now >= look:
            look = now + LOOK_SECONDS
            if is_over and _is_settled(size):
                return _describe(memory, seconds)
            if not is_over:
                _keep_busy(size)
        time.sleep(0.02)
    demand(False, "it did not settle in time")
    return {}


def _keep_busy(size: int) -> None:
    """Plan another campaign when little is left; what was told to come again in a
    minute keeps nobody waiting. One that is cut off before its start stays a draft;
    the dispatcher does the rest of what has started."""
    try:
        # The queue first: it is narrow, and campaigns that are over are in the rest.
        if (left := Queued.objects.count()) < size // 10:
            left += Enrolment.objects.filter(state="active").count()
            if left < size // 10:
                plan()
    except (OperationalError, InterfaceError):
        connection.close()


def _tell(all_: Wreckage, seconds: float) -> float:
    """Show how it goes; MiB of the sender that is never killed."""
    held = {pid: _mib(pid) for pid in all_.running}
    everybody = ", ".join(f"{all_.running[pid]} {mib:.0f}" for pid, mib in held.items())
    sys.stderr.write(
        f"{seconds / 60:5.1f} min: {len(all_.ledger):,} out, {all_.kills} killed,"
        f" {all_.faults.total()} other faults; MiB: {everybody}\n"
    )
    return held.get(all_.sheltered, 0.0)


def _mib(pid: int) -> float:
    with suppress(psutil.Error):
        return float(psutil.Process(pid).memory_info().rss) / 2**20
    return 0.0


def _describe(memory: list[float], seconds: float) -> dict[str, float]:
    """The first look is left out: a process that has just begun has done nothing."""
    seen = memory[1:] or memory
    return {
        "minutes": seconds / 60,
        "first_mib": seen[0],
        "last_mib": seen[-1],
        "most_mib": max(seen),
    }


def _started() -> int:
    return Campaign.objects.exclude(state="draft").count()


def _is_settled(size: int) -> bool:
    """The database may be down this very moment."""
    try:
        if Delivery.objects.open().exists():
            return False
        return Delivery.objects.count() == size * _started()
    except (OperationalError, InterfaceError):
        connection.close()
        return False


def _in_state(state: str) -> set[str]:
    found = Delivery.objects.filter(state=state).values_list("uuid", flat=True)
    return {str(uuid) for uuid in found}


def _judge(all_: Wreckage, size: int) -> dict[str, float]:
    reap.reap(clock.now())
    campaigns = _started()
    planned = size * campaigns
    taken = all_.ledger.read()
    states = Counter(Delivery.objects.values_list("state", flat=True))
    twice = sum(n - 1 for n in Counter(delivery for delivery, _ in taken).values())
    addresses = Counter(address for _, address in taken)
    twice += sum(max(0, n - campaigns) for n in addresses.values())
    known = {delivery for delivery, _to in taken}
    sent, unknown = _in_state("sent"), _in_state("unknown")
    lost = len(sent - known) + len(known - sent - unknown)
    lost += planned - sum(states.values())
    lost_answers = len(taken) // LOSE
    open_still = Delivery.objects.open().count()
    demand(not open_still, f"{open_still} are open still")
    found = invariants.audit(clock.now())
    broken = [one.invariant.code for one in found if not one.holds]
    demand(not broken, f"the audit finds {broken}")
    demand(twice == 0, f"{twice} messages twice")
    demand(lost == 0, f"{lost} messages lost")
    # Whoever is frozen or killed has one message under way on each of its lines.
    struck = all_.kills + all_.faults["freeze_a_sender"]
    bound = struck * settings.MAIL_CONNECTIONS + lost_answers
    demand(len(unknown) <= bound, f"{len(unknown)} unknown, at most {bound} expected")
    reports = [Report(UUID(d), to, Heard.DELIVERED, clock.now()) for d, to in taken]
    feedback.take_in(reports, clock.now())
    return {
        "planned": planned,
        "campaigns": campaigns,
        "sent": states["sent"],
        "unknown": states["unknown"],
        "unknown_after_reports": Delivery.objects.unknown().count(),
        "lost": lost,
        "duplicates": twice,
        "kills": all_.kills,
        "lost_answers": lost_answers,
        **{name: float(count) for name, count in sorted(all_.faults.items())},
    }


BENCHMARK = Benchmark(
    unit="mails",
    size=3_000,
    rounds=1,
    build=build,
    contestants=(Contestant(OURS, run, prepare),),
)
