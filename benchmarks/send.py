"""Sending a campaign: a row per person, from planned to settled (T1).

Ours: two processes with the whole state machine, claim, last look, attempt, spool,
settling. The peers send a part of the same mails, each with a signed link and headers
of its own: Celery with 200 in a task and a ledger of its own, and django-post-office,
as it comes, with two processes. The
limit is two processes that write prepared bytes down a pipelined connection, and
know no database.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import connection

from campaigns.messages import compose, envelope, publish
from campaigns.messages.models import Message
from campaigns.sequences import arming, public_holidays
from campaigns.sequences.models import Campaign, Delivery, Step
from campaigns.sequences.planning import drafts, lifecycle
from campaigns.sequences.sending import advance, deliver, workers
from campaigns.sequences.sending.transports.smtp_session import stuff
from onboarding.bundled.processes import die_with_parent

from . import _mailing
from ._mailing import AT, BEFORE, SENDER
from .harness import (
    LIMIT,
    OURS,
    Benchmark,
    Contestant,
    demand,
    own_peak_kib,
    work_folder,
)

PROCESSES = 2
#: Peers are slow: a part of the mails gives their rate just as well, if there are
#: enough for both of their processes to be busy to the end.
PEER_PART = 5
CELERY_BATCH = 200
#: Different prepared messages of the limit; each goes to many people.
PREPARED = 500

_celery: list[subprocess.Popen[bytes]] = []


def build(size: int) -> None:
    _mailing.make_people(size)
    _mailing.write_templates(_mailing.make_message())


# -- Ours ----------------------------------------------------------------------------


def prepare_ours(size: int) -> None:
    _mailing.open_sink()
    get_ready(size)


def get_ready(size: int) -> None:
    """Plan in a process of its own: whoever sends does not plan, and would inherit
    what planning leaves behind in memory."""
    in_processes([partial(plan, size)])
    # Workers run for days: what a process compiles or asks once is not sending.
    prepare_bytes(1)
    public_holidays.of("ES", AT.year)


def plan(size: int) -> int:
    """A campaign whose message is due to everybody; a row each."""
    campaign = drafts.make("Bench", goal="first_online_order")
    Step.objects.create(
        version=drafts.version_of(campaign), message=Message.objects.get()
    )
    arming.arm(None, BEFORE)
    lifecycle.start(campaign, None, BEFORE)
    while lifecycle.continue_starting():
        continue
    while advance.advance(AT):
        continue
    planned = Delivery.objects.filter(state="planned").count()
    demand(planned == size, f"{planned} of {size} planned")
    return planned


def prepare_ours_tls(size: int) -> None:
    _mailing.open_sink(tls=True)
    get_ready(size)


def run_ours(size: int) -> Mapping[str, float]:
    return run_workers(PROCESSES, size)


def run_workers(number: int, size: int) -> Mapping[str, float]:
    """Until everything is sent; the memory is that of the biggest worker."""
    told = in_processes([send_all] * number)
    return {
        "statements_per_mail": sum(statements for statements, _peak in told) / size,
        "peak_mib": max(peak for _statements, peak in told) / 1024,
    }


def send_all() -> tuple[int, int]:
    """What one worker does until nothing is due; how many statements it took, and KiB
    of memory at most."""
    workers.keep_what_is_loaded()
    worker = workers.make()
    statements = 0

    def count(execute, sql, params, many, context):
        nonlocal statements
        statements += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        while deliver.deliver(AT, worker=worker).claimed:
            continue
    worker.close()
    return statements, own_peak_kib()


def check_ours(size: int) -> None:
    _mailing.demand_taken(size)
    campaign = Campaign.objects.latest("pk")
    sent = Delivery.objects.filter(campaign=campaign, state="sent").count()
    demand(sent == size, f"{sent} of {size} rows say sent")


def in_processes(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Fork a process for each job; what they return."""
    connection.close()
    pipes = [_fork(job) for job in jobs]
    answers = []
    for pid, read in pipes:
        with os.fdopen(read) as file:
            answers.append(json.loads(file.read() or "null"))
        _pid, status = os.waitpid(pid, 0)
        demand(status == 0, "a process failed")
    return answers


def _fork(job: Callable[[], Any]) -> tuple[int, int]:
    read, write = os.pipe()
    end_with_us = die_with_parent()
    pid = os.fork()
    if pid:
        os.close(write)
        return pid, read
    if end_with_us:
        end_with_us()
    status = 1
    try:
        os.write(write, json.dumps(job()).encode())
        status = 0
    finally:
        os._exit(status)


# -- The limit -----------------------------------------------------------------------

_prepared: list[bytes] = []


def prepare_limit(size: int) -> None:
    _mailing.open_sink()
    prepare_bytes(size)


def prepare_bytes(size: int) -> None:
    version = publish.publish(Message.objects.get(), None, BEFORE)
    compiled = compose.compiled(version.pk, "en")
    _prepared[:] = [
        stuff(envelope.bytes(compiled, values, uuid=uuid4(), to=address, at=AT))
        for address, values in _mailing.facts(min(size, PREPARED))
    ]


def run_limit(size: int) -> None:
    share = size // PROCESSES
    jobs = [
        partial(
            blast,
            number * share,
            size if number == PROCESSES - 1 else (number + 1) * share,
        )
        for number in range(PROCESSES)
    ]
    in_processes(jobs)


def blast(first: int, last: int) -> int:
    """Message *n* and the envelope of *n* + 1 in one write."""
    with socket.create_connection(("127.0.0.1", _mailing.sink_port())) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        replies = wire.makefile("rb")
        replies.readline()
        wire.sendall(b"EHLO bench\r\n" + _envelope(first))
        read_replies(replies, 6)
        for number in range(first, last):
            body = _prepared[number % len(_prepared)]
            following = _envelope(number + 1) if number + 1 < last else b""
            wire.sendall(body + following)
            read_replies(replies, 4 if following else 1)
    return last - first


def read_replies(replies, lines: int) -> None:
    for _ in range(lines):
        demand(replies.readline()[:1] in b"23", "the sink refused")


def _envelope(number: int) -> bytes:
    return (
        f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<begona{number}@talleres.example>\r\nDATA\r\n"
    ).encode()


# -- Celery --------------------------------------------------------------------------


def prepare_celery(size: int) -> None:
    _mailing.open_sink()
    _mailing.store_for_peers(size // PEER_PART)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS peer_ready")
    command = ["-m", "celery", "--quiet", "-A", "benchmarks._celery_peer", "worker"]
    options = [
        "-c",
        str(PROCESSES),
        "--without-gossip",
        "--without-mingle",
        "-l",
        "ERROR",
    ]
    _celery.append(
        subprocess.Popen(
            [sys.executable, *command, *options],
            env={
                **os.environ,
                "MAIL_TRANSPORT": "smtp",
                "EMAIL_URL": f"smtp://127.0.0.1:{_mailing.sink_port()}",
            },
            cwd=settings.BASE_DIR,
            stdout=sys.stderr,
            preexec_fn=die_with_parent(),  # noqa: PLW1509 - two system calls, no lock
        )
    )
    from ._celery_peer import ready

    for _ in range(PROCESSES * 2):
        ready.delay()
    wait_for("SELECT to_regclass('peer_ready') IS NOT NULL")


def run_celery(size: int) -> Mapping[str, float]:
    from ._celery_peer import send

    part = size // PEER_PART
    began, cpu = time.perf_counter(), _cpu_of(_celery[-1].pid)
    for first in range(1, part + 1, CELERY_BATCH):
        send.delay(list(range(first, min(first + CELERY_BATCH, part + 1))))
    wait_for("SELECT NOT EXISTS (SELECT FROM peer_mail WHERE state <> 'sent')")
    seconds = time.perf_counter() - began
    return {
        "items": part,
        "seconds": seconds,
        "cpu_s": _cpu_of(_celery[-1].pid) - cpu,
        "peak_mib": _peak_of(_celery[-1].pid),
    }


def check_celery(size: int) -> None:
    worker = _celery.pop()
    worker.terminate()
    worker.wait(60)
    _mailing.demand_taken(size // PEER_PART)


def wait_for(question: str) -> None:
    ends = time.monotonic() + 300
    while time.monotonic() < ends:
        with connection.cursor() as cursor:
            cursor.execute(question)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    demand(False, "the peer did not finish in five minutes")


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [pid, *(one for child in children.split() for one in _family(int(child)))]


def _cpu_of(pid: int) -> float:
    ticks = 0
    for one in _family(pid):
        fields = Path(f"/proc/{one}/stat").read_text(encoding="ascii").rsplit(") ")[1]
        ticks += sum(map(int, fields.split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _peak_of(pid: int) -> float:
    peaks = []
    for one in _family(pid):
        status = Path(f"/proc/{one}/status").read_text(encoding="ascii")
        line = next(row for row in status.splitlines() if row.startswith("VmHWM"))
        peaks.append(int(line.split()[1]) / 1024)
    return max(peaks)


# -- django-post-office --------------------------------------------------------------


def prepare_post_office(size: int) -> None:
    from post_office import mail
    from post_office.models import Email, EmailTemplate

    _mailing.open_sink()
    settings.POST_OFFICE = {
        "BACKENDS": {"default": settings.EMAIL_BACKEND},
        "LOCK_FILE_NAME": str(work_folder() / "post_office"),
        "BATCH_SIZE": 1_000,
    }
    Email.objects.all().delete()
    EmailTemplate.objects.all().delete()
    EmailTemplate.objects.create(
        name="bench",
        subject=_mailing.template("subject"),
        content=_mailing.template("text"),
        html_content=_mailing.template("html"),
    )
    mail.send_many(
        {
            "sender": SENDER,
            "recipients": [address],
            "template": "bench",
            "context": values,
            "headers": _mailing.headers_of(values),
            "render_on_delivery": True,
        }
        for address, values in _facts_of_peer(size // PEER_PART)
    )


def _facts_of_peer(size: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for address, values in _mailing.facts(size):
        yield address, _mailing.with_way_out(address, values)


def run_post_office(size: int) -> Mapping[str, float]:
    from post_office.mail import send_queued_mail_until_done

    send_queued_mail_until_done(processes=PROCESSES)
    return {"items": size // PEER_PART}


def check_post_office(size: int) -> None:
    from post_office.models import STATUS, Email

    part = size // PEER_PART
    _mailing.demand_taken(part)
    sent = Email.objects.filter(status=STATUS.sent).count()
    demand(sent == part, f"{sent} of {part} rows say sent")


BENCHMARK = Benchmark(
    unit="mails",
    size=20_000,
    build=build,
    apps=("post_office",),
    contestants=(
        Contestant(OURS, run_ours, prepare_ours, check_ours),
        Contestant("ours over TLS", run_ours, prepare_ours_tls, check_ours),
        Contestant(
            "django-post-office",
            run_post_office,
            prepare_post_office,
            check_post_office,
            needs=("post_office",),
        ),
        Contestant("celery-200", run_celery, prepare_celery, check_celery),
        Contestant(LIMIT, run_limit, prepare_limit, _mailing.demand_taken),
    ),
)
