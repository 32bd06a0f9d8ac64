"""What came after a session: her word about it, and who watched the recording."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.customers.barriers import Barrier
from accounts.customers.models import Account, Buyer

from .seats import Seat
from .sessions import Session


class Feedback(models.Model):
    """One attendee's rating, her answer to one open question, and what still stops
    her. Sent again, it replaces what she said before.
    """

    seat = models.OneToOneField(Seat, on_delete=models.PROTECT, related_name="feedback")
    rating = models.PositiveSmallIntegerField(
        _("rating"), validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    answer = models.TextField(_("what would have helped"), blank=True, max_length=2000)
    barrier = models.CharField(
        _("what still stops you"), max_length=15, choices=Barrier.choices, blank=True
    )
    given_at = models.DateTimeField(_("given"))

    class Meta:
        verbose_name = _("feedback")
        verbose_name_plural = _("feedback")
        ordering = ("-given_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(rating__gte=1, rating__lte=5), name="feedback_one_to_five"
            ),
        )

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.rating}"


class RecordingView(models.Model):
    """A named viewer of a session's recording; ``percent`` is the furthest that the
    player reported, 0 where it reports nothing. Opening the page is no view.
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="views")
    buyer = models.ForeignKey(Buyer, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    #: Whoever saw so much of it has seen it, where the player says how much.
    ENOUGH: ClassVar[int] = 80

    first_at = models.DateTimeField(_("first watched"))
    last_at = models.DateTimeField(_("last watched"))
    times = models.PositiveIntegerField(_("times"), default=1)
    percent = models.PositiveSmallIntegerField(
        _("watched (%)"), default=0, validators=[MaxValueValidator(100)]
    )

    class Meta:
        verbose_name = _("viewer of a recording")
        verbose_name_plural = _("viewers of recordings")
        ordering = ("-last_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["session", "buyer"], name="recording_view_once"
            ),
            models.CheckConstraint(
                condition=Q(percent__lte=100), name="recording_view_percent"
            ),
        )

    def __str__(self) -> str:
        return f"{self.session_id}/{self.buyer_id}"
