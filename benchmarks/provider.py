"""Sending through a provider's API that takes 50 ms, one person a call (T4).

Ours: eight processes with eight calls under way each, and the whole state machine,
through Anymail's backend for Resend. The peer is that backend as an application uses
it, one message after the other, over a kept connection, with messages made beforehand.
The limit is 64 connections that send prepared bytes, and know no database.
"""

import asyncio
import atexit
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from campaigns.messages import compose, envelope, publish
from campaigns.messages.models import Message
from campaigns.sequences.models import Campaign, Delivery

from . import _mailing, _provider_sink, send
from ._mailing import AT, BEFORE
from .harness import LIMIT, OURS, Benchmark, Contestant, demand

DELAY = 0.05
PROCESSES = 8
IN_FLIGHT = 64
#: The peer is slow: a part of the mails gives its rate just as well.
PEER_PART = 50

_open = ExitStack()
atexit.register(_open.close)
_state: dict[str, Any] = {}


def open_sink() -> None:
    port = _open.enter_context(_provider_sink.running(DELAY))
    _state["port"] = port
    settings.EMAIL_BACKEND = "anymail.backends.resend.EmailBackend"
    settings.ANYMAIL = {
        "RESEND_API_KEY": "key",
        "RESEND_API_URL": f"http://127.0.0.1:{port}/",
        "IGNORE_UNSUPPORTED_FEATURES": True,
    }
    settings.MAIL_IN_FLIGHT = IN_FLIGHT // PROCESSES


def prepare_ours(size: int) -> None:
    open_sink()
    send.get_ready(size)


def run_ours(size: int) -> Mapping[str, float]:
    return send.run_workers(PROCESSES, size)


def check_ours(size: int) -> None:
    messages, keys = _provider_sink.count(_state["port"])
    demand(messages == keys == size, f"{messages} calls, {keys} keys for {size} mails")
    campaign = Campaign.objects.latest("pk")
    sent = Delivery.objects.filter(campaign=campaign, state="sent").count()
    demand(sent == size, f"{sent} of {size} rows say sent")


def _messages(number: int) -> list[EmailMessage]:
    version = publish.publish(Message.objects.get(), None, BEFORE)
    compiled = compose.compiled(version.pk, "en")
    return [
        envelope.message(compiled, values, uuid=uuid4(), to=address, at=AT)
        for address, values in _mailing.facts(number)
    ]


def prepare_one_at_a_time(size: int) -> None:
    open_sink()
    _state["messages"] = _messages(size // PEER_PART)


def run_one_at_a_time(size: int) -> Mapping[str, float]:
    with get_connection() as backend:
        for message in _state["messages"]:
            backend.send_messages([message])
    return {"items": size // PEER_PART}


def check_one_at_a_time(size: int) -> None:
    messages, _keys = _provider_sink.count(_state["port"])
    demand(messages == size // PEER_PART, f"{messages} calls")


def prepare_limit(size: int) -> None:
    open_sink()
    body = b"x" * 12_000
    head = f"POST /emails HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    _state["request"] = head.encode() + body


def run_limit(size: int) -> None:
    asyncio.run(_blast(size))


async def _blast(size: int) -> None:
    left = iter(range(size))

    async def one_connection() -> None:
        read, write = await asyncio.open_connection("127.0.0.1", _state["port"])
        for _ in left:
            write.write(_state["request"])
            await read.readuntil(b"}")
        write.close()

    await asyncio.gather(*(one_connection() for _ in range(IN_FLIGHT)))


def check_limit(size: int) -> None:
    messages, _keys = _provider_sink.count(_state["port"])
    demand(messages == size, f"{messages} calls")


BENCHMARK = Benchmark(
    unit="mails",
    size=5_000,
    build=send.build,
    contestants=(
        Contestant(OURS, run_ours, prepare_ours, check_ours),
        Contestant(
            "one at a time",
            run_one_at_a_time,
            prepare_one_at_a_time,
            check_one_at_a_time,
        ),
        Contestant(LIMIT, run_limit, prepare_limit, check_limit),
    ),
)
