"""Our own id with a provider that keeps no metadata: as the message's tag.

Without it a report could be matched only by the provider's id, which we never learn
of a message whose answer got lost, and so nothing would settle it.
"""

from typing import Any

from campaigns.messages import headers

_BY_TAG = frozenset({"mailersend"})


def attach(provider: str, backend: Any) -> None:
    """Have *backend*, of Anymail, send our id along with each message."""
    if provider not in _BY_TAG:
        return
    build = backend.build_message_payload

    def build_with_mark(message: Any, defaults: Any) -> Any:
        payload = build(message, defaults)
        if uuid := message.extra_headers.get(headers.DELIVERY):
            payload.data["tags"] = [uuid]
        return payload

    backend.build_message_payload = build_with_mark
