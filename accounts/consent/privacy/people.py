"""A person as she is known: by which names rows and files that speak of her are found.

Taken before anything is erased; afterwards nobody knows them any more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.db.models import Q

from accounts.customers import addresses
from accounts.customers.models import Buyer, ImportChange

#: A shorter one may stand in any text by chance.
SHORTEST = 5
#: In place of the number of a buyer and of a company; no row has it.
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Person:
    """``emails`` are the keys of all addresses we know she had.

    She need not be a buyer: an event, or a line of a file, may have named somebody
    whom we know by nothing else (`unknown`, `called`). The store's id is unique within
    a company, which a report may have named by a number that nobody has.
    """

    pk: int
    account_id: int
    emails: frozenset[str]
    external_id: str
    full_name: str
    phone: str
    account_number: str = ""

    @property
    def is_buyer(self) -> bool:
        return self.pk != NOBODY

    @property
    def hashes(self) -> list[bytes]:
        return [addresses.hash_of(email) for email in sorted(self.emails)]

    @property
    def id_hash(self) -> bytes | None:
        """Of the store's id, where she has one."""
        if not self.external_id:
            return None
        if self.account_id == NOBODY:
            return hash_of_unmatched_id(self.account_number, self.external_id)
        return hash_of_id(self.account_id, self.external_id)

    @property
    def texts(self) -> list[str]:
        """What gives her away wherever it stands."""
        told = (*sorted(self.emails), self.full_name.casefold(), self.phone)
        return [text for text in told if len(text) >= SHORTEST]

    def in_text(self, *columns: str) -> Q:
        """Rows in one of whose *columns* something of her stands."""
        return any_of(
            Q(**{f"{column}__icontains": text, f"{column}__iregex": _alone(text)})
            for column in columns
            for text in self.texts
        )


def known(buyer: Buyer) -> Person:
    return Person(
        pk=buyer.pk,
        account_id=buyer.account_id,
        emails=frozenset(email for email in _emails(buyer) if email),
        external_id=buyer.external_id,
        full_name=buyer.full_name,
        phone=buyer.phone,
        account_number=buyer.account.number_key,
    )


def remembered(buyer: Buyer, texts: Iterable[str]) -> Person:
    """Somebody erased, as her erasure remembers her for a moment (``texts``). Where she
    has come again meanwhile, these are another's."""
    emails = frozenset(text for text in texts if "@" in text)
    if Buyer.objects.filter(email_key__in=emails, account=buyer.account_id).exists():
        return Person(buyer.pk, buyer.account_id, frozenset(), "", "", "")
    name, phone = [*(text for text in texts if text not in emails), "", ""][:2]
    return Person(buyer.pk, buyer.account_id, emails, "", name, phone)


def unknown(email: str) -> Person:
    """Who is no buyer of ours, so that her address is all we know her by."""
    return Person(NOBODY, NOBODY, frozenset({email}), "", "", "")


def called(external_id: str, account_id: int, account_number: str) -> Person:
    """The same, where the store's id is all."""
    nothing: frozenset[str] = frozenset()
    return Person(NOBODY, account_id, nothing, external_id, "", "", account_number)


def _alone(text: str) -> str:
    """As PostgreSQL's pattern: Ana Li is not in Diana Lima. Any sign may stand around
    it, as in keys of events; in JSON also a letter, where a line ends there."""
    escaped = "".join(rf"\{one}" if one in _SPECIAL else one for one in text)
    return rf"((?<![[:alnum:]])|(?<=\\[nrt])){escaped}(?![[:alnum:]])"


#: What is not itself in a pattern.
_SPECIAL = frozenset(r"\^$.|?*+()[]{}-")


def any_of(conditions: Iterable[Q]) -> Q:
    """Nothing, where there is no condition."""
    return reduce(or_, conditions, Q(pk__in=[]))


def hash_of_id(account_id: int, external_id: str) -> bytes:
    """By which the store's or the ERP's id of an erased buyer is known."""
    return addresses.hash_of(f"{account_id}:{external_id}")


def hash_of_unmatched_id(account_number: str, external_id: str) -> bytes:
    """The same, where no account of ours has the number of her company."""
    return addresses.hash_of(f"number:{account_number}:{external_id}")


def _emails(buyer: Buyer) -> Iterable[str]:
    """Hers now, and those that an import replaced."""
    yield buyer.email_key
    changes = ImportChange.objects.filter(model="buyer", object_id=buyer.pk)
    for before, after in changes.values_list("before", "after"):
        yield addresses.key_of(before.get("email") or "")
        yield addresses.key_of(after.get("email") or "")
