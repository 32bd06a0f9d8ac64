"""``{{ links.session }}`` and its like: the pages of the seat a message is about."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.sequences.touchpoints import Link, Recipient

from . import about, links

Urls = Callable[[Sequence[Recipient]], Mapping[int, str]]


def urls(recipients: Sequence[Recipient], *, page: str) -> Mapping[int, str]:
    """Delivery id → the page of her seat; her training page where there is none."""
    seats = about.seats_of(recipients)
    known = links.generations(each.buyer_id for each in recipients)
    found = {}
    for each in recipients:
        seat = seats.get(each.delivery_id)
        to = links.of_seat(seat.uuid, page) if seat else ""
        generation = known.get(each.buyer_id, links.FIRST)
        found[each.delivery_id] = links.address(each.buyer_uuid, generation, to)
    return found


def _link(name: str, label: str | Promise, page: str) -> Link:
    return Link(name, label, urls=partial(urls, page=page), sample=links.sample)


LINKS = (
    _link("session", _("The buyer's seat: to see, accept, move or cancel it"), ""),
    _link("join", _("The way into the webinar"), "join"),
    _link("feedback", _("The short feedback after a session"), "feedback"),
)
