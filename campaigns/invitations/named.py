"""A store that knows only the invitation's reference names a buyer by it."""

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from .models import Invitation


def resolve(references: Collection[str]) -> dict[str, tuple[int, int]]:
    """Reference as it was sent → (account id, buyer id); unknown ones are absent."""
    asked = {text: uuid for text in references if (uuid := _parse(text))}
    found = {
        reference: (account_id, buyer_id)
        for reference, account_id, buyer_id in Invitation.objects.filter(
            reference__in=set(asked.values())
        ).values_list("reference", "buyer__account_id", "buyer_id")
    }
    return {text: found[uuid] for text, uuid in asked.items() if uuid in found}


def _parse(text: str) -> UUID | None:
    with suppress(ValueError):
        return UUID(text)
    return None
