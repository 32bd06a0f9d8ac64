"""Whom a report means: from ERP numbers, addresses and references to our ids."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.customers import numbers
from accounts.customers.models import Account, Buyer

from . import resolvers, sets
from .models import UnmatchedEvent
from .reports import EMAIL, EXTERNAL_ID, INVITATION, Report, email_key

Reason = UnmatchedEvent.Reason
#: ERP systems fill numbers up with zeros to at most so many characters.
WIDEST = 20

#: References of one way to name somebody → (account, buyer).
Invited = Mapping[str, tuple[int, int]]
#: (account, how its buyer was named).
Asked = Sequence[tuple[int, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a report means. Without an account there is the reason; a buyer may be
    missing though one was named."""

    account_id: int | None
    buyer_id: int | None = None
    reason: str = ""


def resolve(reports: Sequence[Report]) -> list[Named]:
    """Everybody in a handful of queries; in the order of the reports."""
    accounts = find_accounts({one.account_key for one in reports if one.account})
    invited = _read_invited(one.buyer for one in reports if not one.account)
    found = [_account_of(one, accounts, invited) for one in reports]
    asked = [
        (named.account_id or 0, one.buyer)
        for one, named in zip(reports, found, strict=True)
    ]
    return [
        Named(named.account_id, buyer, named.reason)
        for named, buyer in zip(found, find_buyers(asked), strict=True)
    ]


def _account_of(
    report: Report, accounts: Mapping[str, int | None], invited: Invited
) -> Named:
    if not report.account:
        account, _ = invited.get(report.buyer.get(INVITATION, ""), (None, None))
        return Named(account, reason="" if account else Reason.UNKNOWN_INVITATION)
    key = report.account_key
    if accounts.get(key) is not None:
        return Named(accounts[key])
    ambiguous = key in accounts
    reason = Reason.AMBIGUOUS_ACCOUNT if ambiguous else Reason.UNKNOWN_ACCOUNT
    return Named(None, reason=reason)


def find_accounts(keys: Collection[str]) -> dict[str, int | None]:
    """Number → id; None where several accounts could be meant.

    The number as it stands first; then the one account that differs from it by
    leading zeros alone.
    """
    found: dict[str, int | None] = dict(_read(keys))
    missing = {key: _written_otherwise(key) for key in keys if key not in found}
    others = dict(_read({one for variants in missing.values() for one in variants}))
    for key, variants in missing.items():
        meant = {others[one] for one in variants if one in others}
        if meant:
            found[key] = meant.pop() if len(meant) == 1 else None
    return found


def _read(keys: Collection[str]) -> Iterable[tuple[str, int]]:
    if not keys:
        return ()
    rows = Account.objects.filter(number_key__in=sets.of_texts(keys))
    return rows.values_list("number_key", "pk").order_by()


def _written_otherwise(key: str) -> list[str]:
    plain = numbers.strip_zeros(key)
    widths = range(len(plain), max(len(plain), WIDEST) + 1)
    return [plain.zfill(width) for width in widths]


def find_buyers(asked: Asked) -> list[int | None]:
    """For each the first way to name a buyer that leads into this very account."""
    invited = _read_invited(buyer for _, buyer in asked)
    by_id = _look_up("external_id", _references(EXTERNAL_ID, asked))
    by_email = _look_up("email_key", _references(EMAIL, asked))
    found = []
    for account, buyer in asked:
        of_account, person = invited.get(buyer.get(INVITATION, ""), (None, None))
        if of_account != account:
            person = by_id.get((account, buyer.get(EXTERNAL_ID, "")))
        if person is None and EMAIL in buyer:
            person = by_email.get((account, email_key(buyer[EMAIL])))
        found.append(person)
    return found


def _read_invited(buyers: Iterable[Mapping[str, str]]) -> Invited:
    references = {buyer[INVITATION] for buyer in buyers if INVITATION in buyer}
    return resolvers.resolve(INVITATION, sorted(references))


def _references(way: str, asked: Asked) -> set[tuple[int, str]]:
    return {
        (account, email_key(buyer[way]) if way == EMAIL else buyer[way])
        for account, buyer in asked
        if way in buyer and account
    }


def _look_up(
    column: str, references: Collection[tuple[int, str]]
) -> dict[tuple[int, str], int]:
    if not references:
        return {}
    rows = Buyer.objects.filter(
        account__in={account for account, _ in references},
        **{f"{column}__in": sets.of_texts({named for _, named in references})},
    )
    return {
        (account, reference): buyer
        for account, reference, buyer in rows.values_list(
            "account_id", column, "pk"
        ).order_by()
    }
