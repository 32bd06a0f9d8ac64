"""What consent itself holds of a person."""

from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.consent import choices
from accounts.consent.models import Choice, Permission, Suppression

from . import door
from .models import ErasedName, PrivacyAct
from .people import Person
from .registry import Deed, Holding, Rows, register

#: Stands where a colleague wrote a reason in words of her own.
SAID = "–"

_BLANK_CHOICES = """
    UPDATE consent_choice SET
        source = CASE WHEN source = ANY(%(ours)s) THEN source ELSE %(said)s END,
        wording = ''
    WHERE id = ANY(%(ids)s)
      AND NOT (wording = '' AND source = ANY(%(blank)s))
"""


def _blank_choices(rows: Rows, deed: Deed) -> int:
    """Who chose what, when and by which message stays: it is the proof."""
    ids = list(rows.values_list("pk", flat=True))
    ours = list(choices.SOURCES)
    values: dict[str, Any] = {"ids": ids, "ours": ours, "said": SAID}
    values["blank"] = [*ours, SAID]
    with door.opened(), connection.cursor() as cursor:
        cursor.execute(_BLANK_CHOICES, values)
        return int(cursor.rowcount)


def _suppressed(person: Person) -> Rows:
    return Suppression.objects.filter(address_hash__in=person.hashes)


def _blank_suppressions(rows: Rows, deed: Deed) -> int:
    """That an address is left alone stays; what somebody wrote about it goes."""
    ours = ["", SAID, *choices.SOURCES]
    lifted = ["", SAID, choices.TAKEN_BACK]
    return rows.exclude(source__in=ours).update(source=SAID) + rows.exclude(
        lift_reason__in=lifted
    ).update(lift_reason=SAID)


register(
    Holding(
        Choice,
        _("What was agreed or objected to, and when, stays as proof; words go."),
        path="buyer",
        deed=_blank_choices,
        keeps=("topic", "source", "wording"),
    ),
    Holding(
        Permission,
        _("Without it nothing may be sent."),
        path="buyer",
        goes=True,
    ),
    Holding(
        Suppression,
        _("Stays as a keyed hash, which tells nobody the address."),
        find=_suppressed,
        by_hash=True,
        deed=_blank_suppressions,
        keeps=("address_hash", "source", "lift_reason"),
    ),
    Holding(
        PrivacyAct,
        _("That we did what was asked stays as proof."),
        path="buyer",
        keeps=("counts", "looked_for"),
    ),
    Holding(
        ErasedName,
        _("Keyed hashes, so that late news does not bring the name back."),
        path="buyer",
        keeps=("hash",),
    ),
)
