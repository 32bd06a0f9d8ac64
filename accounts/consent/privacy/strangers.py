"""Who is no buyer of ours and yet named: by an event of an unknown buyer, by a line of
a file, by a report that fits nobody. Her address is all she can be found by.
"""

from datetime import datetime

from django.db import transaction

from accounts.customers import addresses
from accounts.customers.models import Buyer
from accounts.staff.models import User

from . import erase, export, names, registry
from .models import PrivacyAct
from .people import Person, unknown
from .registry import Deed, Holding


def find(address: str) -> Person | None:
    """Nobody where a buyer has this address: what names her is found with her; nor
    where it is none."""
    try:
        key = addresses.check(address).key
    except addresses.BadAddress:
        return None
    return None if Buyer.objects.filter(email_key=key).exists() else unknown(key)


def held(person: Person) -> list[tuple[Holding, int]]:
    """What names her, and in how many rows."""
    counted = [(each, each.of(person).count()) for each in registry.registered()]
    return [(each, number) for each, number in counted if number]


def hand_out(person: Person, by: User, at: datetime) -> bytes:
    """As for a buyer, in the language of who hands it out: hers is not known."""
    return export.pack(person, None, PrivacyAct.Reason.REQUEST, by, at)


def erase_unknown(
    person: Person, *, reason: str, by: User, at: datetime, leave_alone: bool
) -> PrivacyAct | None:
    """Erase what names *person*; nothing, where she has become a buyer meanwhile.

    Her address is kept in the act for a moment (`care.AFTERWARDS`), then as a keyed
    hash: what names her later is not written down.
    """
    with transaction.atomic():
        erase.be_impatient()
        if Buyer.objects.filter(email_key__in=person.emails).exists():
            return None
        if (begun := _begun(person)) is not None:
            return begun
        if leave_alone:
            for address_hash in person.hashes:
                erase.suppress(address_hash, at, by)
        if not names.known(person.hashes):
            names.keep(person)
        return PrivacyAct.objects.create(
            act=PrivacyAct.Act.ERASED,
            reason=reason,
            by=by,
            at=at,
            counts=erase.blank(person, Deed(at, by)),
            looked_for=sorted(person.emails),
        )


def _begun(person: Person) -> PrivacyAct | None:
    """Twice is once."""
    acts = PrivacyAct.objects.filter(act=PrivacyAct.Act.ERASED, finished_at=None)
    return acts.filter(buyer=None, looked_for=sorted(person.emails)).first()


def erase_again(act: PrivacyAct, at: datetime) -> None:
    """What was written down meanwhile, by who had read before that she is erased."""
    for email in act.looked_for:
        if not Buyer.objects.filter(email_key=email).exists():
            erase.blank(unknown(email), Deed(at, act.by))
