"""What steps and audiences can ask about a buyer's training."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.journal.models import KindProgress
from campaigns.sequences.touchpoints import Condition

from . import kinds
from .models import RecordingView, Seat

Ask = Callable[[Any, datetime], Q]


def _yes() -> forms.Field:
    """The rule's own "not" says no."""
    return forms.BooleanField(initial=True, widget=forms.HiddenInput)


def _hers(**fields: Any) -> QuerySet[Seat]:
    return Seat.objects.filter(buyer=OuterRef("pk"), **fields)


def _ahead(state: str) -> Ask:
    def q(value: Any, at: datetime) -> Q:
        """In a session that has not ended."""
        return Q(Exists(_hers(state=state, session__ends_at__gt=at)))

    return q


def _reconfirmed(value: Any, at: datetime) -> Q:
    coming = _hers(state=Seat.State.BOOKED, session__ends_at__gt=at)
    return Q(Exists(coming.filter(reconfirmed_at__isnull=False)))


def _attended(value: Any, at: datetime) -> Q:
    return Q(Exists(_hers(state=Seat.State.ATTENDED)))


def _trained(value: Any, at: datetime) -> Q:
    """As attendance stands now, put right if it was; or by a recording that counts."""
    viewed = RecordingView.objects.filter(
        buyer=OuterRef("pk"), session__watched_counts=True
    )
    progress = KindProgress.objects.filter(
        account_id=OuterRef("account_id"), buyer_id=OuterRef("pk"), kind=kinds.TRAINED
    )
    return _attended(value, at) | (Q(Exists(viewed)) & Q(Exists(progress)))


def _missed(value: Any, at: datetime) -> Q:
    """The last session whose attendance is known went by without her.

    Who had no such session missed none: "not" finds her, too, and its sentence says so.
    """
    known = Seat.objects.filter(
        buyer=OuterRef("buyer"), state__in=(Seat.State.ATTENDED, Seat.State.NO_SHOW)
    ).order_by("-session__starts_at", "-pk")
    last = _hers(pk=Subquery(known.values("pk")[:1]))
    return Q(Exists(last.filter(state=Seat.State.NO_SHOW)))


CONDITIONS = (
    Condition(
        "has_seat",
        _("Has a training seat ahead"),
        _yes,
        _ahead("booked"),
        _("Has no training seat ahead"),
    ),
    Condition(
        "seat_waiting",
        _("Is on a waiting list for training"),
        _yes,
        _ahead("waiting"),
        _("Is on no waiting list for training"),
    ),
    Condition(
        "seat_reconfirmed",
        _("Has said: still coming"),
        _yes,
        _reconfirmed,
        _("Has not said: still coming"),
    ),
    Condition(
        "attended",
        _("Has attended a training session"),
        _yes,
        _attended,
        _("Has not attended a training session"),
    ),
    Condition(
        "trained",
        _("Is trained: attended, or watched"),
        _yes,
        _trained,
        _("Is not trained: neither attended nor watched"),
    ),
    Condition(
        "missed",
        _("Did not turn up at the last session"),
        _yes,
        _missed,
        _("Did not miss the last session, or has had none"),
    ),
)
