"""What invitations hold of a person: links, which die with her data."""

from uuid import uuid4

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.consent.privacy.registry import Deed, Holding, Rows, register

from .models import Invitation


def _revoke(rows: Rows, deed: Deed) -> int:
    """The store's reference names nobody any more, either."""
    standing = list(rows.filter(revoked_at=None))
    for each in standing:
        each.revoked_at, each.reference = deed.at, uuid4()
        each.generation = F("generation") + 1
        each.save(update_fields=["revoked_at", "reference", "generation"])
    return len(standing)


register(
    Holding(
        Invitation,
        _("That the person was invited stays; the link opens nothing any more."),
        path="buyer",
        deed=_revoke,
        stands=lambda rows: rows.filter(revoked_at=None),
        blank={"address_hash": None},
        comes_late=True,
    )
)
