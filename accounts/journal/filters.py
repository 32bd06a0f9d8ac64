"""Filters of the journal's lists."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import ModelAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RadioFilter

from accounts.staff.models import ApiKey

from . import kinds, sources
from .orders.load import SOURCE as ORDERS
from .strangers import SOURCE as JOURNAL

Lookups = Iterable[tuple[str, str | Promise]]


class KindFilter(DropdownFilter):
    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return kinds.choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class SourceFilter(DropdownFilter):
    """Those systems that have a key, and files: no reading of the whole journal."""

    title = _("source")
    parameter_name = "source"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        systems = ApiKey.objects.order_by("source").values_list("source", flat=True)
        return [
            *(
                (f"api:{source}", sources.label(f"api:{source}"))
                for source in systems.distinct()
            ),
            (ORDERS, _("Order files")),
            (JOURNAL, _("Corrections")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(source=self.value()) if self.value() else queryset


class OpenFilter(RadioFilter):
    """What is open is what a person comes for; the rest is a choice away."""

    title = _("state")
    parameter_name = "state"
    all_option = None
    states: dict[str, tuple[str | Promise, Q]] = {}
    default = "open"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Lookups:
        return [(slug, label) for slug, (label, _q) in self.states.items()]

    def value(self) -> str:
        return super().value() or self.default

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        state = self.states.get(self.value())
        return queryset.filter(state[1]) if state else queryset


class UnmatchedState(OpenFilter):
    states = {
        "open": (_("Waiting"), Q(matched_at=None, dismissed_at=None)),
        "matched": (_("Matched"), Q(matched_at__isnull=False)),
        "dismissed": (_("Dismissed"), Q(dismissed_at__isnull=False)),
        "all": (_("All"), Q()),
    }


class StrangerState(OpenFilter):
    states = {
        "open": (_("Waiting"), Q(attached_at=None)),
        "attached": (_("Attached"), Q(attached_at__isnull=False)),
        "all": (_("All"), Q()),
    }


class PoisonState(OpenFilter):
    states = {
        "open": (_("Set aside"), Q(settled_at=None)),
        "settled": (_("Settled"), Q(settled_at__isnull=False)),
        "all": (_("All"), Q()),
    }
