"""Thousands of values in a query, as one parameter."""

from collections.abc import Collection

from django.db.models.expressions import RawSQL

from .digests import write_plainly


def of_texts(values: Collection[str]) -> RawSQL:
    """For ``…__in``: a placeholder for each value costs more than finding the rows."""
    return RawSQL(
        "SELECT jsonb_array_elements_text(%s::jsonb)", [write_plainly(list(values))]
    )
