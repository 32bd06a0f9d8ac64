"""The facts about buyers that messages are filled with, as plain dicts of strings."""

import re
from collections.abc import Collection
from functools import lru_cache

from django.conf import settings
from django.db import connection

from accounts.consent import links

from . import guard

Facts = dict[str, str | None]
Context = dict[str, Facts]

#: What `describe` takes, of ``buyer`` and those whom `NEIGHBOURS` joins.
COLUMNS = """
    buyer.first_name, buyer.last_name, buyer.email, buyer.language,
    company.name, company.number, company.city, company.country,
    rep.name, rep.email, rep.phone
"""
NEIGHBOURS = """
    JOIN customers_account AS company ON company.id = buyer.account_id
    LEFT JOIN staff_user AS rep ON rep.id = company.rep_id
"""

# As one array: the ORM handles each of hundreds of ids apart.
_FACTS = f"""
    SELECT buyer.id, buyer.uuid, {COLUMNS}
    FROM customers_buyer AS buyer {NEIGHBOURS}
    WHERE buyer.id = ANY(%s)
"""  # noqa: S608 - constants of ours
_NAME_LIMIT = 100
_LIMIT = 200
# "offer.example" in a name would become a link in the reader's mail program.
_DOMAIN_DOT = re.compile(r"(?<=\w)\.(?=\w{2,})")
_WORD_JOINER = "\u2060"


def of(buyer_ids: Collection[int]) -> dict[int, Context]:
    """Return buyer id → context, in one query. What is empty is None: false in Liquid.

    Holds buyer, account, rep and the links that need no campaign; the caller adds
    the others to ``["links"]``, and ``["campaign"]``. The brand comes from the
    message's version.
    """
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [list(buyer_ids)])
        for pk, uuid, *columns in cursor.fetchall():
            found[pk] = facts = describe(*columns)
            facts["links"]["unsubscribe"] = links.unsubscribe(uuid)
    return found


def describe(
    first_name: str,
    last_name: str,
    email: str,
    language: str,
    account_name: str,
    number: str,
    city: str,
    country: str,
    rep_name: str | None,
    rep_email: str | None,
    rep_phone: str | None,
) -> Context:
    """The facts of one buyer, from `COLUMNS`, and the link that is everybody's."""
    first, last = clean_name(first_name), clean_name(last_name)
    return {
        "buyer": {
            "first_name": first,
            "last_name": last,
            "full_name": f"{first} {last}" if first and last else first or last,
            "email": email or None,
            "language": language or None,
        },
        "account": {
            "name": clean_text(account_name),
            "number": clean_text(number),
            "city": clean_text(city),
            "country": country or None,
        },
        "rep": {
            "name": clean_name(rep_name),
            "email": rep_email or None,
            "phone": clean_text(rep_phone),
        },
        "links": {"store": settings.STORE_URL},
    }


# The same rep, town and first names come again and again.
@lru_cache(maxsize=1024)
def clean_name(value: str | None) -> str | None:
    """A person's name on one line; None for one that reads as an address or link."""
    name = guard.clean(value or "")[:_NAME_LIMIT].strip()
    return None if not name or guard.reads_as_link(name) else name


@lru_cache(maxsize=1024)
def clean_text(value: str | None) -> str | None:
    """Imported text on one line, in which no mail program finds a link."""
    text = guard.clean(value or "")[:_LIMIT].strip()
    if "." in text:
        text = _DOMAIN_DOT.sub(f".{_WORD_JOINER}", text)
    return text.replace("://", ": //") or None
