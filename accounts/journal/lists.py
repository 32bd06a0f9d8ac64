"""What the lists of the admin need beyond Django's: pages of an endless table."""

from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property

from accounts.customers import addresses, numbers
from accounts.customers.models import Account, Buyer

from .models import Event

#: So many events are counted and paged; whoever wants older ones says from when.
MOST_COUNTED = 10_000
#: So many customers of a name are looked up.
MOST_NAMED = 200


class NewestPages(Paginator[Any]):
    """Pages of the newest rows: counting all of them would read the whole journal."""

    template_name = "admin/journal/parts/pages.html"

    @cached_property
    def count(self) -> int:
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]
        return rows.order_by()[:MOST_COUNTED].count()

    @property
    def is_cut(self) -> bool:
        return self.count >= MOST_COUNTED


def search(events: QuerySet[Event], term: str) -> QuerySet[Event]:
    """Events of accounts and buyers of this name, number or address, or this id.

    People first, then their events by index: a join with names would read them all.
    """
    words = term.strip()
    if not words:
        return events
    found = Q(account__in=list(_accounts(words))) | Q(buyer__in=list(_buyers(words)))
    if words.isdecimal() and len(words) < 19:
        found |= Q(pk=int(words))
    return events.filter(found)


def _accounts(words: str) -> Iterator[int]:
    named = Q(number_key__startswith=numbers.key_of(words))
    named |= Q(name__unaccent__icontains=words)
    yield from Account.objects.filter(named).values_list("pk", flat=True)[:MOST_NAMED]


def _buyers(words: str) -> Iterator[int]:
    named = Q(email_key=addresses.key_of(words)) | Q(last_name__unaccent__iexact=words)
    yield from Buyer.objects.filter(named).values_list("pk", flat=True)[:MOST_NAMED]
