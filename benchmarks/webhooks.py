"""Reports of a provider, over HTTP: one a POST, and fifty a POST (T9).

Everybody is a gunicorn of one process and eight threads, asked by eight connections
at once. Ours proves, commits, then answers; what was taken in is read afterwards,
and that rate stands beside it. The peer is Anymail's view with a row per event by
``get_or_create``. The limit answers without doing anything.
"""

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from django.db import connection

from accounts.journal import clock
from campaigns.feedback import process
from campaigns.feedback.models import Post, Report
from onboarding.bundled.processes import die_with_parent

from .harness import LIMIT, OURS, WORK, Benchmark, Contestant, NotDone, demand

SECRET = "provider:a-long-and-random-secret"
CONNECTIONS = THREADS = 8
MANY = 50
PEER_TABLE = """
    DROP TABLE IF EXISTS peer_report;
    CREATE TABLE peer_report (id bigserial PRIMARY KEY, key text UNIQUE, event text,
        recipient text, occurred_at timestamptz, detail text);
"""

Bodies = list[bytes]


def make_bodies(size: int, each: int, mark: str) -> Bodies:
    """SparkPost's, which carry one event as well as fifty."""
    events = [_event(number, mark) for number in range(size)]
    return [
        json.dumps(events[start : start + each]).encode()
        for start in range(0, size, each)
    ]


def _event(number: int, mark: str) -> dict[str, Any]:
    event = {
        "type": "delivery",
        "event_id": f"{mark}-{number}",
        "timestamp": "1760000000",
        "transmission_id": f"65832150921{number}",
        "message_id": "000443ee14578172be22",
        "raw_rcpt_to": f"buyer{number}@company{number % 500}.example",
        "rcpt_to": f"buyer{number}@company{number % 500}.example",
        "rcpt_meta": {"delivery": f"00000000-0000-4000-8000-{number:012d}"},
        "ip_address": "192.0.2.10",
        "msg_size": "21337",
        "num_retries": "0",
        "queue_time": "12",
        "routing_domain": "company.example",
        "subaccount_id": "0",
        "template_id": "templ-1234",
    }
    return {"msys": {"message_event": event}}


# -- A turn ----------------------------------------------------------------------------


def turn(app: str, path: str) -> Any:
    """What is timed: single events first; then the same number, fifty a post."""

    def run(size: int) -> dict[str, float]:
        singles = make_bodies(size, 1, "single")
        fifties = make_bodies(size, MANY, "fifty")
        with serving(app) as (port, server):
            shoot(port, path, make_bodies(200, 1, "warm"))
            before = cpu(server)
            seconds, waits = shoot(port, path, singles)
            spent = cpu(server) - before
            seconds_of_50, waits_of_50 = shoot(port, path, fifties)
            memory = peak(server)
        return {
            "items": size,
            "seconds": seconds,
            "cpu_s": spent,
            "peak_mib": memory,
            "p99_ms": percentile(waits),
            "per_s_of_50": size / seconds_of_50,
            "p99_ms_of_50": percentile(waits_of_50),
        }

    return run


def run_ours(size: int) -> dict[str, float]:
    figures: dict[str, float] = turn("onboarding.wsgi", "/webhooks/sparkpost/")(size)
    begun = time.perf_counter()
    while process.process(clock.now()):
        continue
    reports = Report.objects.count()
    return {**figures, "read_per_s": reports / (time.perf_counter() - begun)}


@contextmanager
def serving(app: str) -> Iterator[tuple[int, psutil.Process]]:
    """A gunicorn as the supervisor starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", app, "--bind", f"127.0.0.1:{port}"),
            *("--worker-class", "gthread", "--workers", "1"),
            *("--threads", str(THREADS), "--no-control-socket"),
            *("--log-level", "error", "--keep-alive", "30"),
        ],
        env={**os.environ, **environment()},
        preexec_fn=die_with_parent(),  # noqa: PLW1509 - two system calls, no lock
    )
    try:
        wait_for(port, server)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(20)


def environment() -> dict[str, str]:
    return {
        "WEBHOOKS": "sparkpost",
        "WEBHOOK_SECRET": SECRET,
        "ALLOW_BUNDLED": "1",
        "ALLOWED_HOSTS": "127.0.0.1",
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
    }


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    for _try in range(600):
        if server.poll() is not None:
            raise NotDone("the server ended at once")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise NotDone("the server did not come up")


def shoot(port: int, path: str, bodies: Bodies) -> tuple[float, list[float]]:
    """Post all of them over kept connections; seconds, and what each post waited."""
    requests = [_request(path, body) for body in bodies]
    shares = [requests[place::CONNECTIONS] for place in range(CONNECTIONS)]
    waits: list[list[float]] = [[] for _share in shares]
    failed: list[str] = []
    threads = [
        threading.Thread(target=_post, args=(port, share, mine, failed))
        for share, mine in zip(shares, waits, strict=True)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    if failed:
        raise NotDone(failed[0])
    return seconds, [wait for mine in waits for wait in mine]


def _post(
    port: int, requests: Sequence[bytes], waits: list[float], failed: list[str]
) -> None:
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            begun = time.perf_counter()
            wire.sendall(request)
            answer = wire.recv(65536)
            waits.append(time.perf_counter() - begun)
            if not answer.startswith(b"HTTP/1.1 200"):
                failed.append(answer[:200].decode(errors="replace"))
                return


def _request(path: str, body: bytes) -> bytes:
    secret = base64.b64encode(SECRET.encode()).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: Basic {secret}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def percentile(waits: Sequence[float], share: float = 0.99) -> float:
    ordered = sorted(waits)
    return 1000 * ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def cpu(server: psutil.Process) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in _family(server))


def peak(server: psutil.Process) -> float:
    return sum(one.memory_info().rss for one in _family(server)) / 2**20


def _family(server: psutil.Process) -> list[psutil.Process]:
    return [server, *server.children(recursive=True)]


# -- The contestants -------------------------------------------------------------------


def prepare_ours(size: int) -> None:
    Report.objects.all().delete()
    Post.objects.all().delete()


def check_ours(size: int) -> None:
    posts = size + size // MANY + 200
    demand(Post.objects.count() == posts, f"{Post.objects.count()} of {posts} posts")
    reports = 2 * size + 200
    counted = Report.objects.count()
    demand(counted == reports, f"{counted} of {reports} reports were read")


def prepare_peer(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PEER_TABLE)


def check_peer(size: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM peer_report")
        (counted,) = cursor.fetchone()
    demand(counted == 2 * size + 200, f"{counted} of {2 * size + 200} rows")


def build(size: int) -> None:
    Path(os.environ[WORK]).mkdir(exist_ok=True)


BENCHMARK = Benchmark(
    unit="events",
    size=5_000,
    build=build,
    contestants=(
        Contestant(OURS, run_ours, prepare_ours, check_ours),
        Contestant(
            "anymail get_or_create",
            turn("benchmarks._webhook_peer:application", "/sparkpost/tracking/"),
            prepare_peer,
            check_peer,
        ),
        Contestant(LIMIT, turn("benchmarks._webhook_peer:nothing", "/")),
    ),
)
