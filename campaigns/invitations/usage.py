"""Whoever has an invitation stays when an import is undone."""

from collections.abc import Sequence

from accounts.customers.usage import Model

from .models import Invitation


def used(model: Model, ids: Sequence[int]) -> set[int]:
    column = f"{model}_id"
    invited = Invitation.objects.filter(**{f"{column}__in": ids}).order_by()
    return set(invited.values_list(column, flat=True).distinct())
