"""Sending while everything around it breaks; the server's own ledger judges.

Two dispatchers and two workers send a campaign over SMTP to a server in a process of
its own, which loses the answer to one message in five hundred and hangs up politely
after every three hundred. Meanwhile, by dice: senders are killed where they stand or
at a named point, frozen past their lease and thawed; Redis is flushed, filled, frozen
and killed; PostgreSQL crashes and restarts, and connections are cut. At the end
whatever is open is left to the reaper, then the server's ledger is taken as the
provider's reports.
"""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import psycopg
from django.db import OperationalError, connection
from redis import Redis
from redis.exceptions import RedisError

from accounts.journal import clock, invariants
from campaigns.messages.models import Message
from campaigns.sequences import arming
from campaigns.sequences.models import Delivery, Enrolment, Step
from campaigns.sequences.planning import drafts, lifecycle
from campaigns.sequences.sending import feedback, reap
from campaigns.sequences.sending.feedback import Heard, Report
from onboarding.bundled.valkey import Valkey
from tests.support import ledgers, senders
from tests.support.kill_points import POINTS
from tests.support.ledgers import Ledger
from tests.support.senders import Senders, kill

from . import _mailing
from .harness import OURS, Benchmark, Contestant, demand, work_folder

SENDERS = ("dispatcher", "dispatcher", "worker", "worker")
#: Of the server: one in so many answers gets lost, and a connection ends after so many.
LOSE, CLOSE = 500, 300
LEASE_SECONDS = 6
#: A fault each time so many messages more are out.
EVERY = 100
LONGEST_SECONDS = 900
FAULTS_PER_KILL = 3


def build(size: int) -> None:
    _mailing.make_people(size, time_zone=_where_it_is_noon())
    _mailing.make_message()


def _where_it_is_noon() -> str:
    return f"Etc/GMT{clock.now().hour - 12:+d}"


def prepare(size: int) -> None:
    """A campaign of yesterday, whose message is due to everybody right now."""
    at = clock.now()
    campaign = drafts.make("Bench", goal="first_online_order")
    Step.objects.create(
        version=drafts.version_of(campaign),
        message=Message.objects.get(),
        working_days=False,
    )
    arming.arm(None, at)
    lifecycle.start(campaign, None, at - timedelta(days=2))
    while lifecycle.continue_starting():
        continue
    Enrolment.objects.update(due_at=at - timedelta(minutes=1))


@dataclass
class Wreckage:
    """What is running, and what has been done to it."""

    senders: Senders
    ledger: Ledger
    valkey: Valkey
    dice: random.Random
    running: dict[int, str] = field(default_factory=dict)
    kills: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    thaw_at: dict[int, float] = field(default_factory=dict)

    def start(self, kind: str, **order: object) -> None:
        pid = self.senders(kind, lease=LEASE_SECONDS, **order)
        self.running[pid] = kind

    def strike(self) -> None:
        """A kill one time in three, or else something around the senders."""
        blow = self.kill if self.dice.random() < 1 / FAULTS_PER_KILL else self.fault
        blow()

    def kill(self) -> None:
        """One sender where it stands; the next one dies at a named point."""
        pid = self.dice.choice(list(self.running))
        kill(pid)
        kind = self.running.pop(pid)
        self.kills += 1
        point = self.dice.choice(list(POINTS))
        self.start(kind, point=point, passage=self.dice.randint(1, 40))

    def replace_the_dead(self) -> None:
        """Whoever has died at his point is followed by one who will not."""
        for pid, kind in list(self.running.items()):
            if not senders.is_alive(pid):
                del self.running[pid]
                self.kills += 1
                self.start(kind)
        for pid, at in list(self.thaw_at.items()):
            if time.monotonic() > at:
                kill(pid, signal.SIGCONT)
                del self.thaw_at[pid]

    def fault(self) -> None:
        deed = self.dice.choice(FAULTS)
        self.faults[deed.__name__] += 1
        with suppress(RedisError, psycopg.Error, OperationalError):
            deed(self)

    def end(self) -> None:
        for pid in self.thaw_at:
            kill(pid, signal.SIGCONT)
        if self.valkey.process:
            self.valkey.process.send_signal(signal.SIGCONT)


def freeze_a_sender(all_: Wreckage) -> None:
    pid = all_.dice.choice(list(all_.running))
    kill(pid, signal.SIGSTOP)
    all_.thaw_at[pid] = time.monotonic() + LEASE_SECONDS * all_.dice.choice([0.2, 1.5])


def flush_redis(all_: Wreckage) -> None:
    _redis(all_).flushall()


def fill_redis(all_: Wreckage) -> None:
    _redis(all_).config_set("maxmemory", all_.dice.choice([0, 1]))


def freeze_redis(all_: Wreckage) -> None:
    assert all_.valkey.process
    all_.valkey.process.send_signal(all_.dice.choice([signal.SIGSTOP, signal.SIGCONT]))


def kill_redis(all_: Wreckage) -> None:
    assert all_.valkey.process
    all_.valkey.process.kill()


def cut_connections(all_: Wreckage) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def crash_postgres(all_: Wreckage) -> None:
    """A process of it dies, and it starts anew from its log, for everybody."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        row = other.execute("SELECT pg_backend_pid()").fetchone()
        assert row
        os.kill(row[0], signal.SIGKILL)


FAULTS: tuple[Callable[[Wreckage], None], ...] = (
    freeze_a_sender,
    flush_redis,
    fill_redis,
    freeze_redis,
    kill_redis,
    cut_connections,
    crash_postgres,
)


def _redis(all_: Wreckage) -> Redis:
    return Redis.from_url(all_.valkey.url, socket_timeout=0.5)


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
                _send_through(all_, size)
            finally:
                all_.end()
        valkey.stop()
        return _judge(all_, size)


def _send_through(all_: Wreckage, size: int) -> None:
    for kind in SENDERS:
        all_.start(kind)
    ends, strikes = time.monotonic() + LONGEST_SECONDS, 0
    while not _is_settled():
        demand(time.monotonic() < ends, "it did not end in time")
        all_.replace_the_dead()
        if len(all_.ledger) >= (strikes + 1) * EVERY and strikes * EVERY < size * 0.9:
            strikes += 1
            all_.strike()
        time.sleep(0.02)


def _is_settled() -> bool:
    """The database may be down this very moment."""
    try:
        return not Delivery.objects.open().exists() and Delivery.objects.exists()
    except OperationalError:
        connection.close()
        return False


def _in_state(state: str) -> set[str]:
    found = Delivery.objects.filter(state=state).values_list("uuid", flat=True)
    return {str(uuid) for uuid in found}


def _judge(all_: Wreckage, size: int) -> dict[str, float]:
    reap.reap(clock.now())
    taken = all_.ledger.read()
    states = Counter(Delivery.objects.values_list("state", flat=True))
    twice = sum(n - 1 for n in Counter(delivery for delivery, _ in taken).values())
    twice += sum(n - 1 for n in Counter(address for _, address in taken).values())
    known = {delivery for delivery, _to in taken}
    sent, unknown = _in_state("sent"), _in_state("unknown")
    lost = len(sent - known) + len(known - sent - unknown) + size - sum(states.values())
    lost_answers = len(taken) // LOSE
    broken = [one.code for one in invariants.audit(clock.now()) if not one.holds]
    demand(not broken, f"the audit finds {broken}")
    demand(twice == 0, f"{twice} messages twice")
    demand(lost == 0, f"{lost} messages lost")
    # Whoever is frozen, cut off or killed has one message under way at most.
    bound = all_.kills + lost_answers + all_.faults["freeze_a_sender"]
    demand(len(unknown) <= bound, f"{len(unknown)} unknown, at most {bound} expected")
    reports = [Report(UUID(d), to, Heard.DELIVERED, clock.now()) for d, to in taken]
    feedback.take_in(reports, clock.now())
    return {
        "planned": size,
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
