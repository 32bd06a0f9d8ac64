"""Whom we erased, as a list that outlives a backup: it names nobody but by our number,
and by keyed hashes.

A restored database knows again whom it should not. The list, kept elsewhere than the
backups, tells it; also of who was no buyer, and of names that the restored database
does not hold, but which the next file or report may bring.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import transaction

from accounts.consent import suppression
from accounts.customers.models import Buyer

from . import strangers, traces
from .erase import erase
from .models import ErasedName, PrivacyAct
from .people import Person

Hashes = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the list; ``buyer`` is None for who was none."""

    buyer: UUID | None
    names: Hashes
    reason: str
    leave_alone: bool

    @classmethod
    def read(cls, line: str) -> Self:
        said = dict(json.loads(line))
        return cls(
            buyer=UUID(said["buyer"]) if "buyer" in said else None,
            # Older lists have none.
            names=[(kind, bytes.fromhex(one)) for kind, one in said.get("names", [])],
            reason=PrivacyAct.Reason(said["reason"]),
            leave_alone=bool(said["leave_alone"]),
        )


@dataclass(frozen=True, slots=True)
class Again:
    """How many were erased; of how many more the names alone were noted."""

    erased: int
    noted: int


def lines() -> Iterator[str]:
    """One line of JSON for each erased person, the oldest first."""
    acts = PrivacyAct.objects.filter(act=PrivacyAct.Act.ERASED).order_by("pk")
    for act in acts.select_related("buyer").iterator():
        yield json.dumps(_tell(act))


def _tell(act: PrivacyAct) -> dict[str, Any]:
    kept = _names(act)
    return {
        **({"buyer": str(act.buyer.uuid)} if act.buyer else {}),
        "names": [(kind, value.hex()) for kind, value in kept],
        "reason": act.reason,
        "at": act.at.isoformat(),
        "leave_alone": _is_left_alone(kept),
    }


def _names(act: PrivacyAct) -> Hashes:
    kept = ErasedName.objects.order_by("pk")
    whose = kept.filter(buyer=act.buyer_id) if act.buyer_id else kept.filter(act=act)
    return [(kind, bytes(value)) for kind, value in whose.values_list("kind", "hash")]


def _is_left_alone(kept: Hashes) -> bool:
    """Of an id there is no such row."""
    return any(suppression.active(value).exists() for _kind, value in kept)


def again(told: Iterable[str], at: datetime) -> Again:
    """Erase those of the list who are there; the buyers first, for what names them
    goes with them."""
    wanted = [Told.read(line) for line in told if line.strip()]
    buyers = [one for one in wanted if _erase_buyer(one, at)]
    found = traces.find({value for one in wanted for _kind, value in one.names})
    others = [one for one in wanted if _erase_stranger(one, found, at)]
    noted = [one for one in wanted if _note(one, at)]
    erased = {id(one) for one in (*buyers, *others)}
    return Again(len(erased), sum(id(one) not in erased for one in noted))


def _erase_buyer(one: Told, at: datetime) -> bool:
    standing = Buyer.objects.filter(erased_at=None)
    buyer = standing.filter(uuid=one.buyer).first() if one.buyer else None
    if buyer is None:
        return False
    erase(
        buyer,
        reason=one.reason,
        by=None,
        at=at,
        leave_alone=one.leave_alone,
    )
    return True


def _erase_stranger(
    one: Told, found: Mapping[bytes, Person], at: datetime
) -> Sequence[PrivacyAct]:
    people = [found[value] for _kind, value in one.names if value in found]
    acts = (
        strangers.erase_unknown(
            person,
            reason=one.reason,
            by=None,
            at=at,
            leave_alone=one.leave_alone,
        )
        for person in people
    )
    return [act for act in acts if act is not None]


@transaction.atomic
def _note(one: Told, at: datetime) -> bool:
    """Nothing names her yet; whoever does next is not to bring her back."""
    hashes = [value for _kind, value in one.names]
    kept = ErasedName.objects.filter(hash__in=hashes).values_list("hash", flat=True)
    missing = {*hashes} - {bytes(value) for value in kept}
    if not missing:
        return False
    act = PrivacyAct.objects.create(
        act=PrivacyAct.Act.ERASED,
        reason=one.reason,
        at=at,
        finished_at=at,
    )
    told = [(kind, value) for kind, value in one.names if value in missing]
    strangers.note(act, told, leave_alone=one.leave_alone)
    return True
