"""Which changes of state a seat may go through; a trigger refuses every other."""

from collections.abc import Mapping

from .models import Seat

_S = Seat.State

#: Migration 0002 says the same in SQL; a test holds the two against each other.
#: Whoever turns up attended, whatever her seat was before.
MOVES: Mapping[str, frozenset[str]] = {
    _S.HELD: frozenset({_S.BOOKED, _S.EXPIRED, _S.CANCELLED, _S.ATTENDED}),
    _S.WAITING: frozenset({_S.OFFERED, _S.EXPIRED, _S.CANCELLED, _S.ATTENDED}),
    _S.OFFERED: frozenset({_S.BOOKED, _S.EXPIRED, _S.CANCELLED, _S.ATTENDED}),
    _S.BOOKED: frozenset({_S.CANCELLED, _S.ATTENDED, _S.NO_SHOW}),
    _S.ATTENDED: frozenset({_S.NO_SHOW, _S.BOOKED, _S.CANCELLED}),
    _S.NO_SHOW: frozenset({_S.ATTENDED, _S.BOOKED}),
    _S.EXPIRED: frozenset({_S.ATTENDED}),
    _S.CANCELLED: frozenset({_S.ATTENDED}),
}


def may_become(before: str, after: str) -> bool:
    return after in MOVES[before]
