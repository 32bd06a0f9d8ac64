"""The names by which the erased were known, as keyed hashes."""

from collections.abc import Collection, Iterable
from typing import Any

from accounts.customers.models import Account, Buyer

from .models import ErasedName, PrivacyAct
from .people import Person, hash_of_id

Kind = ErasedName.Kind


def keep(person: Person) -> None:
    """Before they are erased: nobody can make them afterwards."""
    _keep(hashes_of(person), buyer_id=person.pk)


def keep_for(act: PrivacyAct, hashes: Iterable[tuple[str, bytes]]) -> None:
    """Of somebody who was no buyer: the act is all they lead to."""
    _keep(hashes, act=act)


def _keep(hashes: Iterable[tuple[str, bytes]], **whose: Any) -> None:
    ErasedName.objects.bulk_create(
        [ErasedName(kind=kind, hash=value, **whose) for kind, value in hashes],
        ignore_conflicts=True,
    )


def hashes_of(person: Person) -> list[tuple[str, bytes]]:
    """What is kept of her: kinds and hashes."""
    told: list[tuple[str, bytes]] = [(Kind.ADDRESS, one) for one in person.hashes]
    if person.id_hash is not None:
        told.append((Kind.EXTERNAL_ID, person.id_hash))
    return told


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


def called(external_id: str) -> list[bytes]:
    """Those of the store's ids kept that are *external_id* in any company of ours."""
    rows = ErasedName.objects.filter(kind=Kind.EXTERNAL_ID)
    kept = {bytes(value) for value in rows.values_list("hash", flat=True)}
    if not kept or not external_id:
        return []
    accounts = Account.objects.values_list("pk", flat=True).iterator()
    return sorted(kept.intersection(hash_of_id(pk, external_id) for pk in accounts))
