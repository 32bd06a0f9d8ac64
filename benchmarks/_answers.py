"""Servers and providers that misbehave in one way each, at one message in some.

The sender is this process, the server in threads beside it, with a ledger of its own.
Whoever was struck must end as the table of answers says, and nobody else may suffer.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from accounts.journal import clock
from campaigns.sequences.models import Campaign
from campaigns.sequences.sending import deliver, reap, transports, workers
from campaigns.sequences.sending.claim import LEASE
from campaigns.sequences.sending.spool import Spool
from campaigns.sequences.sending.transports import provider as provider_transport
from onboarding import mail
from onboarding.env import Reader
from tests.support import providers, smtp_sink
from tests.support.providers import Provider
from tests.support.smtp_sink import HANG_UP, TAKE_AND_HANG_UP, Sink

from . import _rows
from ._rows import Row
from .harness import demand, work_folder

#: What is quick strikes one message in so many; what takes its time, or stops
#: everything until a person comes, one in so many.
OFTEN, SELDOM = 3, 20
#: How often whole servers cannot be reached.
TRIES = 20
_SHORT = 0.3


@dataclass
class Fault:
    """``leaves`` is how whoever was struck ends; ``stage`` is SMTP's."""

    name: str
    reply: smtp_sink.Reply | providers.Reply
    leaves: str
    stage: str = ""
    every: int = OFTEN
    struck: set[str] = field(default_factory=set)
    _seen: int = 0

    def strikes(self, whom: str) -> bool:
        """Each is struck once at most; what comes again gets through."""
        self._seen += 1
        if not whom or self._seen % self.every or whom in self.struck:
            return False
        self.struck.add(whom)
        return True

    def smtp(self, stage: str, address: str) -> smtp_sink.Reply | None:
        assert isinstance(self.reply, smtp_sink.Reply)
        return self.reply if stage == self.stage and self.strikes(address) else None

    def http(self, message: providers.Taken) -> providers.Reply | None:
        assert isinstance(self.reply, providers.Reply)
        return replace(self.reply) if self.strikes(message.delivery) else None


def _http(name: str, leaves: str, every: int = OFTEN, **reply: object) -> Fault:
    return Fault(f"F9 {name}", providers.Reply(**reply), leaves, every=every)  # type: ignore[arg-type]


def http_faults() -> list[Fault]:
    found = [
        _http(f"{status}, taken", "unknown", status=status, take=True)
        for status in (500, 502, 503, 504)
    ]
    return [
        *found,
        _http("no answer, hung up on", "unknown", SELDOM, take=True, manner="hang"),
        _http("a body without an end", "sent", SELDOM, take=True, manner="drip"),
        _http("reset before it was taken", "unknown", manner="reset"),
        _http("reset after it was taken", "unknown", take=True, manner="reset"),
        _http("2xx with HTML", "sent", take=True, body="<html>Welcome</html>"),
        _http("2xx with nothing", "sent", take=True, body=""),
        _http("422", "failed", status=422, body="{}"),
        _http(
            "429 with Retry-After",
            "sent",
            SELDOM,
            status=429,
            headers={"Retry-After": "1"},
        ),
        _http(
            "401: stopped, a person lets it go on",
            "sent",
            SELDOM,
            status=401,
            body="{}",
        ),
    ]


def smtp_faults() -> list[Fault]:
    def one(name: str, stage: str, reply: str | smtp_sink.Reply, leaves: str) -> Fault:
        said = smtp_sink.Reply(reply) if isinstance(reply, str) else reply
        slow = SELDOM if "silence" in name else OFTEN
        return Fault(f"F10 {name}", said, leaves, stage, slow)

    return [
        one("421 after some mails", "RCPT", "421 enough", "sent"),
        one("450 at RCPT", "RCPT", "450 greylisted", "sent"),
        one("550 at RCPT", "RCPT", "550 nobody", "failed"),
        one("552 at DATA", "DATA", "552 full", "failed"),
        one("451 after the dot", "END", "451 later", "sent"),
        one("connection lost before the message", "DATA", HANG_UP, "sent"),
        one("connection lost after the dot, taken", "END", TAKE_AND_HANG_UP, "unknown"),
        one("connection lost after the dot, not taken", "END", HANG_UP, "unknown"),
        one(
            "silence after the dot",
            "END",
            smtp_sink.Reply("250-thinking", take=True),
            "unknown",
        ),
    ]


def use(environment: dict[str, str]) -> None:
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    for name, value in mail.read_settings(Reader(environment)).items():
        setattr(settings, name, value)


def over_http(fault: Fault, size: int) -> Row:
    provider_transport.LONGEST_CALL = _SHORT
    with providers.running(Provider("postmark", tricks=[fault.http])) as provider:
        use(provider.settings())

        def ledger() -> list[tuple[str, str]]:
            return [(one.delivery, one.recipient) for one in provider.taken]

        return _send(fault, size, ledger, lambda one: one)


def over_smtp(fault: Fault, size: int) -> Row:
    sink = Sink(tricks=[fault.smtp])
    # Line by line, or the message behind a silent answer would be taken for it.
    sink.extensions = ("8BITMIME",) if "silence" in fault.name else sink.extensions
    with smtp_sink.running(sink):
        _use_smtp(sink)
        return _send(fault, size, lambda: _taken(sink), None)


def _use_smtp(sink: Sink, scheme: str = "smtp") -> None:
    url = f"{scheme}://127.0.0.1:{sink.port}"
    use({"MAIL_TRANSPORT": "smtp", "EMAIL_URL": url, "ALLOW_BUNDLED": "1"})
    settings.EMAIL_TIMEOUT = _SHORT if scheme == "smtp" else 5


def _taken(sink: Sink) -> list[tuple[str, str]]:
    return [(one.delivery, one.recipient) for one in sink.mails]


def _send(
    fault: Fault,
    size: int,
    ledger: Callable[[], list[tuple[str, str]]],
    uuid_of: Callable[[str], str] | None,
) -> Row:
    began = time.monotonic()
    _rows.free_lanes()
    campaign = _rows.plan(clock.now())
    send_all(campaign)
    certain = {"unknown": 0, "failed": 0}
    certain[fault.leaves] = len(fault.struck)
    certain.pop("sent", None)
    states = _rows.judge(fault.name, campaign, ledger(), planned=size, **certain)
    by = "uuid" if uuid_of else "buyer__email"
    found = dict(campaign.deliveries.values_list(by, "state"))
    ended = {str(found_by): state for found_by, state in found.items()}
    wrong = {one for one in fault.struck if ended[one] != fault.leaves}
    demand(not wrong, f"{fault.name}: {len(wrong)} are not {fault.leaves}")
    demand(bool(fault.struck), f"{fault.name}: nobody was struck")
    return Row(fault.name, len(fault.struck), states, time.monotonic() - began)


def send_all(campaign: Campaign) -> None:
    """As workers would, one after the other; minutes pass between two tries."""
    at = clock.now()
    for _try in range(400):
        if not _rows.is_open(campaign):
            return
        with worker() as sender:
            while (done := deliver.deliver(at, worker=sender)).claimed:
                if done.trouble:
                    break
        at += timedelta(minutes=2) if done.trouble or not done.claimed else LEASE
        reap.reap(at)
        _rows.free_lanes()
    demand(False, f"it did not end: {done.trouble}")


@contextmanager
def worker() -> Iterator[workers.Worker]:
    name = f"matrix-{uuid4()}"
    folder = Path(settings.SPOOL_DIR)
    sender = workers.Worker(name, transports.make(), Spool(folder, name))
    sender.pace.per_second = 500
    try:
        yield sender
    finally:
        sender.close()


def unreachable(size: int) -> list[Row]:
    """Nobody there, no such name, no TLS where it is asked for: certain, each time."""
    settings.SPOOL_DIR = work_folder() / "spool"
    with smtp_sink.running() as sink, providers.running(Provider("resend")) as resend:
        https = f"https://127.0.0.1:{sink.port}/"
        ways = {
            "F9 no such name": resend.settings()
            | {"RESEND_API_URL": "https://api.invalid/"},
            "F9 TLS fails": resend.settings() | {"RESEND_API_URL": https},
            "F10 STARTTLS stripped: nothing in the clear": {
                "MAIL_TRANSPORT": "smtp",
                "EMAIL_URL": f"smtp+tls://127.0.0.1:{sink.port}",
            },
        }
        return [_in_vain(name, way, size, sink, resend) for name, way in ways.items()]


def _in_vain(
    name: str, way: dict[str, str], size: int, sink: Sink, resend: Provider
) -> Row:
    began = time.monotonic()
    _rows.free_lanes()
    campaign = _rows.plan(clock.now())
    before = len(sink.mails)
    use(way)
    for _try in range(TRIES):
        with worker() as sender:
            done = deliver.deliver(clock.now(), worker=sender)
        demand(bool(done.trouble), f"{name}: nobody was told")
        _rows.free_lanes()
    demand(
        len(sink.mails) == before and not resend.taken, f"{name}: something went out"
    )
    demand(
        campaign.deliveries.filter(state="planned").count() == size,
        f"{name}: not all of them wait",
    )
    _use_smtp(sink)
    send_all(campaign)
    states = _rows.judge(name, campaign, _taken(sink), planned=size, unknown=0)
    return Row(name, TRIES, states, time.monotonic() - began)


def all_of_them(size: int) -> Iterator[Row]:
    settings.SPOOL_DIR = work_folder() / "spool"
    for fault in http_faults():
        yield over_http(fault, size)
    for fault in smtp_faults():
        yield over_smtp(fault, size)
    yield from unreachable(size)
