"""Erasing a person: what names her goes, at once and everywhere; a number stays."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from accounts.consent import choices, suppression
from accounts.consent.models import MARKETING, Permission, Suppression
from accounts.customers.models import Account, Buyer
from accounts.staff.models import User

from . import names, registry
from .models import PrivacyAct
from .people import Person, known, remembered
from .registry import Deed, Holding, Rows

#: Whoever changes her company just now is waited for so long.
PATIENCE = "5s"


def erase(
    buyer: Buyer, *, reason: str, by: User | None, at: datetime, leave_alone: bool
) -> PrivacyAct:
    """Erase what is held about *buyer*, once; uploaded files are read afterwards.

    With ``leave_alone`` her address is suppressed, as a keyed hash; so is that of
    somebody who objected, whoever asks.
    """
    with transaction.atomic():
        be_impatient()
        buyer = _hold(buyer)
        if buyer.erased_at is not None:
            return buyer.privacy_acts.get(act=PrivacyAct.Act.ERASED)
        person, deed = known(buyer), Deed(at, by)
        if leave_alone or _objected(buyer):
            _leave_alone(buyer, at, by)
        names.keep(person)
        return PrivacyAct.objects.create(
            act=PrivacyAct.Act.ERASED,
            buyer=buyer,
            reason=reason,
            by=by,
            at=at,
            counts=_erase(person, deed),
            looked_for=person.texts,
        )


def be_impatient() -> None:
    """An import may hold the company for minutes: a person is told to come again."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")


def _hold(buyer: Buyer) -> Buyer:
    """The account first, as imports do."""
    Account.objects.select_for_update(no_key=True).get(pk=buyer.account_id)
    return choices.lock(buyer)


def _erase(person: Person, deed: Deed) -> dict[str, int]:
    counts = blank(person, deed)
    registry.tell(person, deed)
    return counts


def erase_again(act: PrivacyAct, buyer: Buyer) -> None:
    """What was written down meanwhile, by who had found her before. Told as it was
    then: to whoever listens it is the same deed."""
    _erase(remembered(buyer, act.looked_for), Deed(act.at, act.by))


def blank(person: Person, deed: Deed) -> dict[str, int]:
    """All that speaks of her is found before any of it is blank; rows, by model."""
    found = [(each, _ids(each, person)) for each in registry.registered()]
    counts = {
        each.model._meta.label_lower: _blank(each, each.rows.filter(pk__in=ids), deed)
        for each, ids in found
        if ids
    }
    return {name: number for name, number in counts.items() if number}


def _blank(holding: Holding, rows: Rows, deed: Deed) -> int:
    """How many rows are not what they were: several things may become of one."""
    if holding.goes:
        return holding.erase(rows, deed)
    before = {row["pk"]: row for row in rows.values("pk", *_columns(holding))}
    holding.erase(rows, deed)
    after = {row["pk"]: row for row in rows.values("pk", *_columns(holding))}
    return sum(after.get(pk) != row for pk, row in before.items())


def _columns(holding: Holding) -> list[str]:
    return [field.attname for field in holding.model._meta.concrete_fields]


def _ids(holding: Holding, person: Person) -> Sequence[Any]:
    if holding.later or holding.fate is registry.Fate.STAYS:
        return ()
    return list(holding.of(person).values_list("pk", flat=True))


def _objected(buyer: Buyer) -> bool:
    return Permission.objects.filter(
        buyer=buyer, topic=MARKETING, allowed=False, chosen=True
    ).exists()


def _leave_alone(buyer: Buyer, at: datetime, by: User | None) -> None:
    if buyer.address_hash is not None:
        suppress(bytes(buyer.address_hash), at, by)


def suppress(address_hash: bytes, at: datetime, by: User | None) -> None:
    """What keeps messages from her address already stays as it is."""
    if suppression.active(address_hash).exists():
        return
    suppression.suppress(
        address_hash,
        Suppression.Scope.MARKETING,
        reason=Suppression.Reason.ERASED,
        source=choices.ERASURE,
        at=at,
        by=by,
    )
