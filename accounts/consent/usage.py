"""Buyers who have chosen something stay when an import is undone."""

from collections.abc import Sequence

from accounts.customers.usage import Model

from .models import Choice


def used(model: Model, ids: Sequence[int]) -> set[int]:
    if model != "buyer":
        return set()
    chosen = Choice.objects.filter(buyer_id__in=ids)
    return set(chosen.order_by().values_list("buyer_id", flat=True).distinct())
