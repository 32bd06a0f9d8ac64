"""Whom somebody typed or pasted: addresses and customer numbers → buyers, and seats."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.customers import addresses, numbers
from accounts.customers.addresses import BadAddress
from accounts.customers.models import Buyer

from . import seats
from .models import Seat, Session
from .seats import Act, Guest, Refused


@dataclass
class Result:
    """How many got a seat, wait, had one; and which lines could not be taken."""

    booked: int = 0
    waiting: int = 0
    already: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def book_all(session: Session, lines: Iterable[str], act: Act) -> Result:
    """A booking for each line, in their order; may be repeated."""
    result = Result()
    for line in lines:
        try:
            buyer = find(line, session)
            booked = seats.book(
                session.pk, [Guest(buyer.pk)], act, account_id=buyer.account_id
            )
        except Refused as refused:
            result.refused.append((line, refused.text))
        except Unknown as unknown:
            result.refused.append((line, str(unknown)))
        else:
            _count(result, booked)
    return result


def _count(result: Result, booked: seats.Booked) -> None:
    if not booked.is_new:
        result.already += 1
    elif booked.state == Seat.State.WAITING:
        result.waiting += 1
    else:
        result.booked += 1


class Unknown(Exception):
    """Nobody, or more than one, goes by this."""


def find(line: str, session: Session) -> Buyer:
    """The buyer with this address; or the only one of the account with this number."""
    known = Buyer.objects.filter(active=True)
    found = list(_named(line, known, session)[:2])
    if not found:
        raise Unknown(_("Nobody goes by this address or customer number."))
    if len(found) > 1:
        raise Unknown(_("Several people go by this: please give an address."))
    return found[0]


def _named(line: str, known: QuerySet[Buyer], session: Session) -> QuerySet[Buyer]:
    if "@" not in line:
        return known.filter(account__number_key=numbers.key_of(line))
    try:
        hers = known.filter(email_key=addresses.check(line).key)
    except BadAddress:
        return known.none()
    at_customer = hers.filter(account=session.account_id)
    return at_customer if session.account_id else hers
