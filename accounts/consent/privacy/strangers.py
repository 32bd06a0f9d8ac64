"""Who is no buyer of ours and yet named: by an event of an unknown buyer, by a line of
a file, by a report that fits nobody. Found by her address, or by the store's id.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from accounts.customers import addresses
from accounts.customers.models import Buyer
from accounts.staff.models import User

from . import erase, export, names, registry
from .models import ErasedName, PrivacyAct
from .people import Person, unknown
from .registry import Deed, Holding

Names = Collection[tuple[str, bytes]]


def find(address: str) -> Person | None:
    """Nobody where a buyer has this address: what names her is found with her; nor
    where it is none."""
    local, _at, domain = address.strip().rpartition("@")
    key = addresses.folded(address)
    if not (local and domain) or Buyer.objects.filter(email_key=key).exists():
        return None
    return unknown(key)


def find_called(external_id: str) -> list[Person]:
    """One for each company in which the store knows somebody by this id."""
    return _no_buyers(registry.called(external_id)) if external_id else []


def _no_buyers(people: Iterable[Person]) -> list[Person]:
    return [person for person in people if not is_buyer(person)]


def is_buyer(person: Person) -> bool:
    """Somebody of hers came meanwhile."""
    if person.emails:
        return Buyer.objects.filter(email_key__in=person.emails).exists()
    called = Buyer.objects.filter(account=person.account_id)
    return called.filter(external_id=person.external_id).exists()


def held(person: Person) -> list[tuple[Holding, int]]:
    """What names her, and in how many rows."""
    counted = [(each, each.of(person).count()) for each in registry.registered()]
    return [(each, number) for each, number in counted if number]


def hand_out(person: Person, by: User, at: datetime) -> bytes:
    """As for a buyer, in the language of who hands it out: hers is not known."""
    return export.pack(person, None, PrivacyAct.Reason.REQUEST, by, at)


def erase_unknown(
    person: Person, *, reason: str, by: User | None, at: datetime, leave_alone: bool
) -> PrivacyAct | None:
    """Erase what names *person*; nothing, where she has become a buyer meanwhile.

    Her address is kept in the act for a moment (`care.AFTERWARDS`), then as a keyed
    hash: what names her later is not written down.
    """
    with transaction.atomic():
        erase.be_impatient()
        if is_buyer(person):
            return None
        told = names.hashes_of(person)
        if (begun := _begun(told)) is not None:
            return begun
        act = PrivacyAct(act=PrivacyAct.Act.ERASED, reason=reason, by=by, at=at)
        act.looked_for = sorted(person.emails)
        act.counts = erase.blank(person, Deed(at, by))
        act.save()
        note(act, told, leave_alone=leave_alone)
    return act


def note(act: PrivacyAct, told: Names, *, leave_alone: bool) -> None:
    """Keep by which names she was known, so that late news does not bring them."""
    names.keep_for(act, told)
    for kind, value in told:
        if leave_alone and kind == names.Kind.ADDRESS:
            erase.suppress(value, act.at, act.by)


def _begun(told: Names) -> PrivacyAct | None:
    """Twice is once."""
    acts = PrivacyAct.objects.filter(act=PrivacyAct.Act.ERASED, finished_at=None)
    hashes = [value for _kind, value in told]
    return acts.filter(buyer=None, names__hash__in=hashes).first()


def erase_again(act: PrivacyAct) -> None:
    """What was written down meanwhile, by who had read before that she is erased."""
    for person in [*map(unknown, act.looked_for), *_called_in(act)]:
        if not is_buyer(person):
            erase.blank(person, Deed(act.at, act.by))


def _called_in(act: PrivacyAct) -> list[Person]:
    """Her id is kept as a hash alone: who is called by it is found by comparing."""
    kept = ErasedName.objects.filter(act=act, kind=names.Kind.EXTERNAL_ID)
    wanted = {bytes(value) for value in kept.values_list("hash", flat=True)}
    return [one for one in registry.called() if one.id_hash in wanted] if wanted else []
