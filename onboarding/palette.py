"""What the admin's command palette finds: a few customers, campaigns, messages."""

from collections.abc import Iterator
from itertools import islice

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from unfold.dataclasses import SearchResult

from accounts.customers.models import Account, Buyer
from campaigns.messages.models import Message
from campaigns.sequences.models import Campaign

#: So many of each kind; who wants more opens the list itself.
MOST = 8
SHORTEST = 2

FOUND: tuple[tuple[type[Model], str], ...] = (
    (Account, "apartment"),
    (Buyer, "person"),
    (Campaign, "campaign"),
    (Message, "mail"),
)


def search(request: HttpRequest, term: str) -> list[SearchResult]:
    if len(term) < SHORTEST:
        return []
    return [
        result
        for model, icon in FOUND
        for result in islice(_of(request, model, icon, term), MOST)
    ]


def _of(
    request: HttpRequest, model: type[Model], icon: str, term: str
) -> Iterator[SearchResult]:
    page = admin.site._registry.get(model)
    if page is None or not page.has_view_permission(request):
        return
    if not page.get_search_fields(request):
        return
    rows, _doubled = page.get_search_results(request, page.get_queryset(request), term)
    for row in rows[:MOST]:
        yield SearchResult(
            title=str(row),
            description=str(model._meta.verbose_name).capitalize(),
            link=_address(model, row.pk),
            icon=icon,
        )


def _address(model: type[Model], pk: int) -> str:
    try:
        return reverse(
            f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk]
        )
    except NoReverseMatch:
        return ""
