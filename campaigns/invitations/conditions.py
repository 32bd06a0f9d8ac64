"""What steps and audiences can ask about a buyer's invitation."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from campaigns.sequences.touchpoints import Condition

from .models import Invitation


def _yes() -> forms.Field:
    """The rule's own "not" says no."""
    return forms.BooleanField(initial=True, widget=forms.HiddenInput)


def _has(column: str) -> Callable[[Any, datetime], Q]:
    def q(value: Any, at: datetime) -> Q:
        """Any of her invitations: a renewed one does not make her uninvited."""
        reached = Invitation.objects.filter(
            buyer=OuterRef("pk"), **{f"{column}__lte": at}
        )
        return Q(Exists(reached))

    return q


CONDITIONS = (
    Condition(
        "invited",
        _("Has been sent an invitation"),
        _yes,
        _has("sent_at"),
        _("Has not been sent an invitation"),
    ),
    Condition(
        "seen",
        _("Has looked at the invitation"),
        _yes,
        _has("seen_at"),
        _("Has not looked at the invitation"),
    ),
    Condition(
        "accepted",
        _("Has accepted the invitation"),
        _yes,
        _has("accepted_at"),
        _("Has not accepted the invitation"),
    ),
)
