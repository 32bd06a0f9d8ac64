"""What a staged line makes of a row, field by field, for every statement alike.

`s` is the staged row, `a` the account as it is, `b` the buyer as it is. Written once
here, so that the diff, the change and the check "is anything different" agree.
"""

from typing import Final

# When a line says "may order online" and gives no dates, an earlier bar is over.
_ADMITTED: Final = (
    "s.eligible IS TRUE AND s.ineligible_from IS NULL AND s.ineligible_until IS NULL"
)

#: Field → its value after the line was taken.
ACCOUNT: Final = {
    "name": "coalesce(s.name, a.name)",
    "segment": "coalesce(s.segment, a.segment)",
    "is_key": "coalesce(s.is_key, a.is_key)",
    "city": "coalesce(s.city, a.city)",
    "country": "coalesce(s.country, a.country)",
    "language": "coalesce(s.language, a.language)",
    # A company that moved keeps the hours of its new country, unless told otherwise.
    "time_zone": (
        "coalesce(s.time_zone,"
        " CASE WHEN s.country <> a.country THEN s.country_zone END, a.time_zone)"
    ),
    "rep_code": "coalesce(s.rep_code, a.rep_code)",
    # A code nobody answers to takes the account from the rep of another code, not
    # from one to whom a person gave it.
    "rep_id": (
        "CASE WHEN s.rep_id IS NOT NULL THEN s.rep_id"
        " WHEN a.rep_code <> '' AND s.rep_code <> a.rep_code THEN NULL"
        " ELSE a.rep_id END"
    ),
    "annual_value": "coalesce(s.annual_value, a.annual_value)",
    "customer_since": "coalesce(s.customer_since, a.customer_since)",
    "eligible": "coalesce(s.eligible, a.eligible)",
    "ineligible_reason": (
        f"CASE WHEN {_ADMITTED} THEN ''"
        " ELSE coalesce(s.ineligible_reason, a.ineligible_reason) END"
    ),
    "ineligible_from": (
        f"CASE WHEN {_ADMITTED} THEN NULL"
        " ELSE coalesce(s.ineligible_from, a.ineligible_from) END"
    ),
    "ineligible_until": (
        f"CASE WHEN {_ADMITTED} THEN NULL"
        " ELSE coalesce(s.ineligible_until, a.ineligible_until) END"
    ),
}

#: The same for an account that is not there yet.
NEW_ACCOUNT: Final = {
    "name": "coalesce(s.name, '')",
    "segment": "coalesce(s.segment, '')",
    "is_key": "coalesce(s.is_key, false)",
    "city": "coalesce(s.city, '')",
    "country": "coalesce(s.country, '')",
    "language": "coalesce(s.language, '')",
    "time_zone": "coalesce(s.time_zone, s.country_zone, %(zone)s)",
    "rep_code": "coalesce(s.rep_code, '')",
    "rep_id": "s.rep_id",
    "annual_value": "s.annual_value",
    "customer_since": "s.customer_since",
    "eligible": "coalesce(s.eligible, true)",
    "ineligible_reason": "coalesce(s.ineligible_reason, '')",
    "ineligible_from": "s.ineligible_from",
    "ineligible_until": "s.ineligible_until",
}

# A name guessed from a full name does not touch names that read the same together.
_SAME_NAME: Final = (
    "s.split_name AND lower(concat_ws(' ', nullif(s.first_name, ''),"
    " nullif(s.last_name, ''))) = lower(btrim(b.first_name || ' ' || b.last_name))"
)

BUYER: Final = {
    "external_id": "coalesce(s.external_id, b.external_id)",
    # Another spelling of the same address is no change.
    "email": "CASE WHEN s.email_key <> b.email_key THEN s.email ELSE b.email END",
    "email_key": "coalesce(s.email_key, b.email_key)",
    "address_hash": "coalesce(s.address_hash, b.address_hash)",
    "first_name": (
        f"CASE WHEN {_SAME_NAME} THEN b.first_name"
        " ELSE coalesce(s.first_name, b.first_name) END"
    ),
    "last_name": (
        f"CASE WHEN {_SAME_NAME} THEN b.last_name"
        " ELSE coalesce(s.last_name, b.last_name) END"
    ),
    "phone": "coalesce(s.phone, b.phone)",
    "language": "coalesce(s.language, b.language)",
}

#: Fields a person reads in a diff; the others follow from them.
SHOWN_OF_BUYER: Final = (
    "external_id",
    "email",
    "first_name",
    "last_name",
    "phone",
    "language",
)


def as_json(values: dict[str, str]) -> str:
    pairs = ", ".join(f"'{name}', {value}" for name, value in values.items())
    return f"jsonb_build_object({pairs})"


def only_different(one: str, other: str) -> str:
    """Of the JSON object *one*, what *other* has differently."""
    return f"""(
        SELECT jsonb_object_agg(n.key, n.value) FROM jsonb_each({one}) AS n
        WHERE n.value IS DISTINCT FROM {other} -> n.key
    )"""  # noqa: S608 - names of columns


def columns_of(table: str, values: dict[str, str]) -> dict[str, str]:
    return {name: f"{table}.{name}" for name in values}


def row(values: dict[str, str]) -> str:
    return f"ROW({', '.join(values.values())})"


def assignments(values: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())
