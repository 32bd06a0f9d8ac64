"""The names by which the erased were known, as keyed hashes."""

from collections.abc import Collection, Iterable

from accounts.customers.models import Buyer

from .models import ErasedName
from .people import Person, hash_of_id

Kind = ErasedName.Kind


def keep(person: Person) -> None:
    """Before they are erased: nobody can make them afterwards."""
    buyer = person.pk if person.is_buyer else None
    ErasedName.objects.bulk_create(
        [
            ErasedName(buyer_id=buyer, kind=kind, hash=value)
            for kind, value in _hashes(person)
        ],
        ignore_conflicts=True,
    )


def _hashes(person: Person) -> Iterable[tuple[str, bytes]]:
    for value in person.hashes:
        yield Kind.ADDRESS, value
    if person.external_id:
        yield Kind.EXTERNAL_ID, hash_of_id(person.account_id, person.external_id)


def addresses_of(buyer: Buyer) -> list[bytes]:
    """The hashes of an erased buyer's addresses."""
    found = ErasedName.objects.filter(buyer=buyer, kind=Kind.ADDRESS)
    return [bytes(value) for value in found.values_list("hash", flat=True)]


def known(hashes: Collection[bytes]) -> set[bytes]:
    """Those of *hashes* that were names of people who are erased."""
    if not hashes:
        return set()
    found = ErasedName.objects.filter(hash__in=list(hashes))
    return {bytes(value) for value in found.values_list("hash", flat=True)}
