"""From claimed deliveries to letters: facts and links once for a batch, then filled.

Outside of any transaction. What cannot be composed is told apart before the wire is
near, and never takes its neighbours with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.core.mail.message import sanitize_address

from accounts.consent import links as leave
from campaigns.messages import compose, envelope
from campaigns.messages.attachments import Attachment
from campaigns.messages.compose import Compiled
from campaigns.sequences import touchpoints
from campaigns.sequences.models import DeliveryAttachment
from campaigns.sequences.sending import handed_over, measuring
from campaigns.sequences.sending.claim import Claimed
from campaigns.sequences.sending.handed_over import Carried
from campaigns.sequences.sending.transports import Letter, Transport


class MissingLink(Exception):
    """No address could be made for a link that the message holds."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that the letters of a batch are filled with: in a fixed number of queries,
    whatever the size of the batch."""

    batch: Sequence[Claimed]
    compiled: Mapping[int, Compiled]
    contexts: Mapping[int, Mapping[str, Any]]
    attachments: Mapping[int, Sequence[Attachment]]
    carried: Carried


def prepare(batch: Sequence[Claimed]) -> Prepared:
    compiled = {one.id: compose.compiled(one.version_id, one.language) for one in batch}
    measured = measuring.measure(batch)
    compiled |= {pk: one.compiled for pk, one in measured.items()}
    urls = _urls(batch, compiled)
    told = _facts(batch, compiled)
    contexts = {
        one.id: {
            **one.facts,
            **told.get(one.id, {}),
            "campaign": {"name": one.campaign_name or None},
            **(measured[one.id].groups(one.uuid) if one.id in measured else {}),
            "links": {
                **one.facts["links"],
                "unsubscribe": leave.unsubscribe(one.buyer_uuid, one.uuid),
                **urls.get(one.id, {}),
            },
        }
        for one in batch
    }
    carried = handed_over.gather(
        [(one.recipient, compiled[one.id].links) for one in batch]
    )
    return Prepared(batch, compiled, contexts, _attachments(batch), carried)


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A message that could not be composed, and why."""

    why: str


def write(
    prepared: Prepared, chunk: Sequence[Claimed], transport: Transport, at: datetime
) -> dict[int, Letter | Unwritten]:
    """The letters of a chunk, ready for *transport*."""
    return {one.id: _try_to_write(prepared, one, transport, at) for one in chunk}


def _try_to_write(
    prepared: Prepared, one: Claimed, transport: Transport, at: datetime
) -> Letter | Unwritten:
    try:
        letter = _write(prepared, one, at)
        transport.prepare(letter)
    except MemoryError:
        # This process's fault, and no message's: another one will write them.
        raise
    except Exception as error:  # noqa: BLE001 - one message's fault is its own
        return Unwritten(type(error).__name__)
    return letter


def _write(prepared: Prepared, one: Claimed, at: datetime) -> Letter:
    compiled = prepared.compiled[one.id]
    context_of_one = prepared.contexts[one.id]
    if missing := compiled.links - context_of_one["links"].keys():
        raise MissingLink(*sorted(missing))
    about: dict[str, Any] = {"uuid": one.uuid, "to": one.email, "at": at}
    if attached := prepared.attachments.get(one.id):
        about["attachments"] = attached
    return Letter(
        delivery_id=one.id,
        uuid=one.uuid,
        sender=envelope.sender_address(compiled),
        recipient=_ascii(one.email),
        make_message=partial(envelope.message, compiled, context_of_one, **about),
        make_bytes=partial(envelope.bytes, compiled, context_of_one, **about),
    )


def _urls(
    batch: Sequence[Claimed], compiled: Mapping[int, Compiled]
) -> dict[int, dict[str, str]]:
    """Delivery id → name → address, of the links that its message asks for."""
    found: dict[int, dict[str, str]] = {}
    for link in touchpoints.links():
        wanting = [one for one in batch if link.name in compiled[one.id].links]
        if not wanting:
            continue
        urls = link.urls([one.recipient for one in wanting])
        for pk, url in urls.items():
            found.setdefault(pk, {})[link.name] = url
    return found


def _facts(
    batch: Sequence[Claimed], compiled: Mapping[int, Compiled]
) -> dict[int, dict[str, Mapping[str, str | None]]]:
    """Delivery id → group → fact → text, of the groups that its message asks for."""
    found: dict[int, dict[str, Mapping[str, str | None]]] = {}
    for group in touchpoints.facts():
        wanting = [one for one in batch if group.name in compiled[one.id].groups]
        if not wanting:
            continue
        nothing = dict.fromkeys(fact.name for fact in group.facts)
        told = group.of([one.recipient for one in wanting])
        for one in wanting:
            facts = {**nothing, **told.get(one.id, {})}
            found.setdefault(one.id, {})[group.name] = facts
    return found


def _attachments(batch: Sequence[Claimed]) -> dict[int, list[Attachment]]:
    """Delivery id → its files. Only notices have any."""
    found: dict[int, list[Attachment]] = {}
    notices = [one.id for one in batch if one.campaign_id is None]
    if notices:
        for file in DeliveryAttachment.objects.filter(delivery__in=notices):
            attachment = Attachment(file.name, file.kind, bytes(file.content))
            found.setdefault(file.delivery_id, []).append(attachment)
    return found


def _ascii(address: str) -> str:
    return address if address.isascii() else sanitize_address(address, "utf-8")
