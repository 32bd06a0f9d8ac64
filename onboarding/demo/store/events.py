"""What a store reports, in the words of the public API."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from .basket import Basket
from .shelf import Customer

CURRENCY = "EUR"
#: By which button an order was placed: (channel, placed by).
WAYS = {
    "online": ("online", "customer"),
    "phone": ("phone", "customer"),
    "on_behalf": ("online", "on_behalf"),
}


def registered(customer: Customer, at: datetime) -> dict[str, Any]:
    return _event("registered", f"registered:{uuid4()}", customer, at)


def logged_in(customer: Customer, at: datetime) -> dict[str, Any]:
    return _event("logged_in", f"logged_in:{uuid4()}", customer, at)


def ordered(
    customer: Customer, basket: Basket, document: str, way: str, at: datetime
) -> dict[str, Any]:
    """The document's number is the key: a form sent twice is one order."""
    channel, placed_by = WAYS[way]
    return {
        **_event("ordered", f"ordered:{document}", customer, at),
        "document": document,
        "channel": channel,
        "placed_by": placed_by,
        "amount": str(basket.total),
        "currency": CURRENCY,
    }


def _event(kind: str, key: str, customer: Customer, at: datetime) -> dict[str, Any]:
    return {
        "kind": kind,
        "key": key,
        "occurred_at": at.isoformat(timespec="seconds"),
        "account": customer.number,
        **_buyer(customer),
    }


def _buyer(customer: Customer) -> dict[str, Any]:
    """By all that the store knows of her; the API takes the first that it knows."""
    known = {"invitation": customer.invitation, "email": customer.email}
    return {"buyer": {way: value for way, value in known.items() if value}}
