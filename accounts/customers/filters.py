"""Filters of the lists of customers: only values that say something, in words."""

from collections.abc import Iterator
from typing import Any

from unfold.contrib.filters.admin import AllValuesCheckboxFilter

from . import countries


class ValuesFilter(AllValuesCheckboxFilter):
    """The values in use, without the empty one: a box without words helps nobody."""

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        for one in super().choices(changelist):
            field = one["form"].fields[self.lookup_kwarg]
            field.choices = self.named([code for code, _label in field.choices if code])
            yield one

    def named(self, values: list[str]) -> list[tuple[str, str]]:
        return [(value, value) for value in values]


class CountryFilter(ValuesFilter):
    def named(self, values: list[str]) -> list[tuple[str, str]]:
        found = [(code, countries.name_of(code)) for code in values]
        return sorted(found, key=lambda one: countries.fold(one[1]))
