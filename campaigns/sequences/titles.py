"""What the pages of a delivery are called. Its `__str__` names nobody, for logs."""

from typing import Any

from campaigns.sequences.models import Delivery
from campaigns.sequences.templatetags import clocks


class Titled:
    """A delivery under the title of its page; in all else the delivery itself."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery

    def __getattr__(self, name: str) -> Any:
        return getattr(self._delivery, name)

    def __str__(self) -> str:
        return of(self._delivery)


def of(delivery: Delivery) -> str:
    """Who was to get it, which message, and when by her own clock."""
    when = clocks.wall_clock(delivery.local_due)
    return f"{delivery.buyer} · {delivery.called} · {when}"
