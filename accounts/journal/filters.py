"""Filters of the journal's lists."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, RadioFilter, RangeDateFilter
from unfold.widgets import INPUT_CLASSES

from accounts.staff.models import ApiKey

from . import kinds, sources
from .days import Day
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


class DaysForm(forms.Form):
    """The browser's own calendar: it sends the same in every language."""

    def __init__(self, name: str, data: dict[str, Any]) -> None:
        super().__init__(data)
        self.name = name
        for end, label in (("from", _("From")), ("to", _("Until"))):
            self.fields[f"{name}_{end}"] = Day(
                label=label,
                required=False,
                widget=forms.DateInput(
                    attrs={"type": "date", "class": " ".join(INPUT_CLASSES)},
                    format="%Y-%m-%d",
                ),
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = (given.get(f"{self.name}_{end}") for end in ("from", "to"))
        if first and last and first > last:
            self.add_error(f"{self.name}_to", _("This day is before the first one."))
        return given

    def day(self, end: str) -> date | None:
        """None where nothing, or nothing readable, was asked for."""
        found: date | None = None
        if self.is_valid():
            found = self.cleaned_data[f"{self.name}_{end}"]
        return found


class DaysFilter(RangeDateFilter):
    """From the first day to the last one, both whole, by the installation's clock."""

    form_class = DaysForm
    template = "admin/journal/filters/days.html"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        form = DaysForm(self.field_path, self.used_parameters)
        if first := form.day("from"):
            queryset = queryset.filter(**{f"{self.field_path}__gte": _begin(first)})
        if last := form.day("to"):
            after = _begin(last + timedelta(days=1))
            queryset = queryset.filter(**{f"{self.field_path}__lt": after})
        return queryset


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


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
