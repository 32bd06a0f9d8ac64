"""Accounts and buyers as the API gives them → upserts → one result for each."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from . import addresses, numbers, problems, reps, zones
from .importing import cells
from .signals import LegalBasis
from .upserts import Item, upsert

Given = Mapping[str, Any]
Problems = list[dict[str, str]]

_DAY = cells.day(order="dmy")
_TEXT: Mapping[str, Callable[[str], Any]] = {
    "name": cells.text(200),
    "segment": cells.text(60),
    "city": cells.text(100),
    "country": cells.country,
    "language": cells.language,
    "time_zone": cells.zone,
    "sales_rep": cells.text(60),
    "annual_value": cells.amount(decimal="point"),
    "customer_since": _DAY,
    "blocked_reason": cells.text(200),
    "blocked_from": _DAY,
    "blocked_until": _DAY,
}
_OF_BUYER: Mapping[str, Callable[[str], Any]] = {
    "external_id": cells.text(60),
    "first_name": cells.name(100),
    "last_name": cells.name(100),
    "phone": cells.text(40),
    "language": cells.language,
}
#: The API's names of fields → ours, where they differ.
_OURS = {
    "sales_rep": "rep_code",
    "key_account": "is_key",
    "may_order_online": "eligible",
    "blocked_reason": "ineligible_reason",
    "blocked_from": "ineligible_from",
    "blocked_until": "ineligible_until",
}
_NUMBER = cells.number(strip_zeros=False)
_SAID = {
    "create": "created",
    "change": "changed",
    "same": "unchanged",
    "folded": "repeated",
}


def take(
    given: Sequence[Given], at: datetime, source: str, declared: LegalBasis
) -> list[dict[str, Any]]:
    """Write what is sound; the result of each item, in their order."""
    directory = reps.directory()
    troubles: list[Problems] = [[] for _ in given]
    items: list[Item] = []
    places: list[int] = []
    persons: dict[int, list[bool]] = {}
    for index, one in enumerate(given):
        people = _people(one, troubles[index])
        persons[index] = [person is not None for person in people]
        item = _item(one, people, directory, troubles[index])
        if item is not None:
            items.append(item)
            places.append(index)
    results = [_result(index, one, troubles[index]) for index, one in enumerate(given)]
    for index, outcome in zip(places, upsert(items, at, source, declared), strict=True):
        results[index]["result"] = _SAID.get(outcome.action, outcome.action)
        # Those whose address was refused were not asked about.
        taken = iter(outcome.buyers)
        results[index]["buyers"] = [
            _SAID.get(action := next(taken)[1], action) if sound else "refused"
            for sound in persons[index]
        ]
        if outcome.action == "refused":
            _tell(troubles[index], "name", "name_missing")
        if outcome.action == "folded":
            _tell(troubles[index], "number", "account_repeated")
    return results


def read_day(text: str) -> date | None:
    try:
        found: date | None = _DAY(text)
    except cells.BadCell:
        return None
    return found


def _result(index: int, one: Given, trouble: Problems) -> dict[str, Any]:
    return {
        "index": index,
        "number": one["number"],
        "result": "refused",
        "buyers": [],
        "problems": trouble,
    }


def _people(one: Given, trouble: Problems) -> list[dict[str, Any] | None]:
    return [
        _buyer(person, f"buyers.{place}.", trouble)
        for place, person in enumerate(one.get("buyers", ()))
    ]


def _item(
    one: Given,
    people: Sequence[dict[str, Any] | None],
    directory: Mapping[str, int],
    trouble: Problems,
) -> Item | None:
    number = _parse(_NUMBER, "number", one["number"], trouble)
    if not number:
        if not trouble:
            _tell(trouble, "number", "number_missing")
        return None
    account = {"number": number, **_fields(one, _TEXT, "", trouble)}
    for flag in ("key_account", "may_order_online"):
        if flag in one:
            account[_OURS[flag]] = one[flag]
    if "country" in account:
        account["country_zone"] = zones.zone_for(account["country"])
    if "rep_code" in account:
        account["rep_code"] = reps.fold(account["rep_code"])
        account["rep_id"] = directory.get(account["rep_code"])
    buyers = [person for person in people if person is not None]
    return Item(numbers.key_of(number), account, buyers)


def _buyer(person: Given, prefix: str, trouble: Problems) -> dict[str, Any] | None:
    buyer = _fields(person, _OF_BUYER, prefix, trouble)
    if person.get("email"):
        try:
            address = addresses.check(person["email"])
        except addresses.BadAddress as bad:
            _tell(trouble, f"{prefix}email", bad.code)
            return None
        buyer |= {
            "email": address.email,
            "email_key": address.key,
            "address_hash": address.hash,
        }
    if not buyer.get("email") and not buyer.get("external_id"):
        _tell(trouble, f"{prefix}email", "buyer_unnamed")
        return None
    return buyer


def _fields(
    one: Given,
    parsers: Mapping[str, Callable[[str], Any]],
    prefix: str,
    trouble: Problems,
) -> dict[str, Any]:
    """The fields that can be read; the others are left as they are, and told."""
    found = {}
    for name, parse in parsers.items():
        if name in one and str(one[name]).strip():
            value = _parse(parse, prefix + name, str(one[name]), trouble)
            if value is not None and value != "":
                found[_OURS.get(name, name)] = value
    return found


def _parse(
    parse: Callable[[str], Any], field: str, text: str, trouble: Problems
) -> Any:
    try:
        return parse(text)
    except cells.BadCell as bad:
        _tell(trouble, field, bad.code)
        return None


def _tell(trouble: Problems, field: str, code: str) -> None:
    trouble.append(
        {"field": field, "code": code, "message": str(problems.sentence(code))}
    )
