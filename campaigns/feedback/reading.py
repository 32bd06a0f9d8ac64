"""From a stored post to news: Anymail reads, we keep what we have a word for."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from anymail.signals import (
    AnymailInboundEvent,
    AnymailTrackingEvent,
    EventType,
    RejectReason,
)
from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict

from . import bounces, mails, noticed
from .models import Post
from .news import Kind, News, blot, find_uuid
from .providers import PROVIDERS

DELIVERY = "delivery"

#: A provider's clock may be before ours; what happened later than this is wrong.
_AHEAD = timedelta(minutes=5)

_KINDS: Mapping[str, Kind] = {
    EventType.QUEUED: Kind.ACCEPTED,
    EventType.SENT: Kind.ACCEPTED,
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.DEFERRED: Kind.DEFERRED,
    EventType.FAILED: Kind.REJECTED,
    EventType.REJECTED: Kind.REJECTED,
    EventType.COMPLAINED: Kind.COMPLAINED,
    EventType.UNSUBSCRIBED: Kind.UNSUBSCRIBED,
    EventType.AUTORESPONDED: Kind.ANSWERED,
    EventType.OPENED: Kind.OPENED,
    EventType.CLICKED: Kind.CLICKED,
}
# The provider did not even try, because of what it remembers of the address.
_REMEMBERED: Mapping[str, Kind] = {
    RejectReason.INVALID: Kind.HARD,
    RejectReason.BOUNCED: Kind.HARD,
    RejectReason.SPAM: Kind.COMPLAINED,
    RejectReason.UNSUBSCRIBED: Kind.UNSUBSCRIBED,
}


class Unread(ValueError):
    """A post that says nothing to us; the text tells a person what to do."""


def read(post: Post) -> list[News]:
    """The news in *post*. Raises whatever a malformed one makes Anymail raise."""
    body = bytes(post.body)
    if post.provider == noticed.OWN:
        return [noticed.read(post)]
    if post.provider == mails.MAILBOX:
        return list(mails.read(mails.parse(body), post.received_at))
    if confirmation := _confirmation(post.provider, body):
        raise Unread(confirmation)
    view = PROVIDERS[post.provider].view(inbound=post.inbound)
    events = view.parse_events(_request(post, body))
    return [news for event in events for news in _tell(post, event)]


def _request(post: Post, body: bytes) -> WSGIRequest:
    """The post again, as the view would have seen it."""
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "CONTENT_TYPE": post.content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    for name, value in post.headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    return WSGIRequest(environ)


def _confirmation(provider: str, body: bytes) -> str:
    """What Amazon asks a person to confirm before it reports anything."""
    if provider != "amazon_ses" or b"SubscriptionConfirmation" not in body[:2000]:
        return ""
    asked = json.loads(body)
    if asked.get("Type") != "SubscriptionConfirmation":
        return ""
    return f"SubscribeURL: {asked.get('SubscribeURL', '')}"[:300]


def _tell(post: Post, event: Any) -> Iterator[News]:
    if isinstance(event, AnymailInboundEvent):
        if event.message is not None:
            yield from mails.read(event.message, post.received_at)
    elif (news := _news(post, event)) is not None:
        yield news


def _news(post: Post, event: AnymailTrackingEvent) -> News | None:
    words = _words(event)
    kind = _kind(post.provider, event, words)
    if kind is None or not event.recipient:
        return None
    return News(
        kind=kind,
        recipient=event.recipient,
        at=_time(event.timestamp, post.received_at),
        mark=_mark(event),
        delivery_uuid=_delivery(event),
        provider_ids=(str(event.message_id),) if event.message_id else (),
        detail=blot(words),
        link=event.click_url or "",
    )


def _kind(provider: str, event: AnymailTrackingEvent, words: str) -> Kind | None:
    esp_event = event.esp_event if isinstance(event.esp_event, Mapping) else {}
    if event.event_type == EventType.BOUNCED:
        hard = bounces.is_hard(provider, esp_event, words)
        return Kind.HARD if hard else Kind.SOFT
    if event.event_type in {EventType.REJECTED, EventType.FAILED}:
        return _REMEMBERED.get(event.reject_reason or "", Kind.REJECTED)
    return _KINDS.get(event.event_type)


def _words(event: AnymailTrackingEvent) -> str:
    """What the receiving server said, and then what the provider made of it."""
    told = [event.mta_response, event.description]
    if isinstance(event.esp_event, Mapping):
        told += [event.esp_event.get(name) for name in ("status", "code")]
    return " ".join(" ".join(str(one).split()) for one in told if one)


def _delivery(event: AnymailTrackingEvent) -> UUID | None:
    """Our own id: in the metadata, or a tag where the provider has no metadata."""
    metadata = event.metadata if isinstance(event.metadata, Mapping) else {}
    tags = " ".join(str(one) for one in event.tags or ())
    return (
        find_uuid(metadata.get(DELIVERY))
        or find_uuid(tags)
        or find_uuid(_message_id_at_postal(event))
    )


def _message_id_at_postal(event: AnymailTrackingEvent) -> object:
    """Our own `Message-ID`, which Anymail passes over for Postal's own number."""
    whole = event.esp_event if isinstance(event.esp_event, Mapping) else {}
    payload = whole.get("payload")
    if not isinstance(payload, Mapping):
        return None
    message = payload.get("message") or payload.get("original_message")
    return message.get("message_id") if isinstance(message, Mapping) else None


def _time(told: datetime | None, received_at: datetime) -> datetime:
    if told is None:
        return received_at
    aware = told if told.tzinfo else told.replace(tzinfo=UTC)
    return min(aware, received_at + _AHEAD)


def _mark(event: AnymailTrackingEvent) -> str:
    if event.event_id:
        return str(event.event_id)
    whole = event.esp_event
    if isinstance(whole, QueryDict):
        whole = dict(whole.lists())
    return json.dumps(whole, sort_keys=True, default=str)
