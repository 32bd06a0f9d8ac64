"""Short fingerprints by which a repeat is told from a conflict."""

import json
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any

SIZE = 16


def of(*parts: Any) -> bytes:
    """The same parts give the same 16 bytes, whatever the order of a dict's keys."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=_plain)
    return blake2b(text.encode(), digest_size=SIZE).digest()


def of_document(data: dict[str, Any]) -> bytes:
    """A document is the same if its amount and currency are."""
    return of(_amount(data.get("amount")), str(data.get("currency", "")).upper())


def _amount(value: Any) -> str:
    """12.5, "12.50" and 12.500 are one amount."""
    try:
        return str(Decimal(str(value)).normalize())
    except InvalidOperation:
        return str(value)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return _amount(value)
    return str(value)
