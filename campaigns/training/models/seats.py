"""Who has a seat, waits for one, came or stayed away."""

from datetime import datetime
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.customers.lines import validate_name
from accounts.customers.models import Account, Buyer

from .sessions import Session


class Source(models.TextChoices):
    PAGE = "page", _("The customer, on the personal page")
    MAIL = "mail", _("The customer, from a mail")
    REP = "rep", _("The sales rep")
    STAFF = "staff", _("Marketing")
    CHECK_IN = "check_in", _("At the door")
    IMPORT = "import", _("A file")


class Booking(models.Model):
    """The seats of one deed: one person's, or several of a company, which are held,
    queued, offered, accepted and released together.

    The waiting list is served by ``priority`` (higher first), then by id: the order
    in which bookings came in. A booking that needs more seats than are free lets
    smaller ones pass and keeps its place. ``contact`` is who is told of offers.
    """

    uuid = models.UUIDField(default=uuid4, editable=False)
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="+"
    )
    contact = models.ForeignKey(
        Buyer,
        verbose_name=_("booked by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("entered by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    source = models.CharField(_("from"), max_length=8, choices=Source.choices)
    priority = models.SmallIntegerField(_("priority"), default=0)
    created_at = models.DateTimeField(_("booked"), db_default=Now())

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["uuid"], name="booking_uuid_unique"),
        )

    def __str__(self) -> str:
        return f"{self.account_id}/{self.pk}"


class Seats(models.QuerySet["Seat"]):
    def live(self) -> Self:
        """Those that still mean something: not expired and not cancelled."""
        return self.filter(state__in=Seat.LIVE)

    def taking(self) -> Self:
        """Those that take a place: what ``Session.taken`` counts."""
        return self.filter(state__in=Seat.TAKING, walk_in=False)

    def coming(self) -> Self:
        return self.filter(state=Seat.State.BOOKED)

    def waiting(self) -> Self:
        """In the order in which they are served."""
        return self.filter(state=Seat.State.WAITING).order_by(
            "-booking__priority", "booking_id", "pk"
        )

    def lapsed(self, at: datetime) -> Self:
        """Held or offered for longer than they should be."""
        return self.filter(state__in=Seat.TIMED, expires_at__lte=at)


class Seat(models.Model):
    """One person at one session; no row means a free seat.

    `states.MOVES` says which changes of state there are, and a trigger refuses every
    other. ``buyer`` is empty for a colleague whom the company has not named to us
    (``guest_name`` may say who). ``expires_at`` stands while held or offered.

    A calendar knows the seat by ``uuid`` for ever, also after a move to another date
    (the row moves), and each change that concerns its owner raises ``revision``, the
    calendar's SEQUENCE. ``walk_in``: she came without a seat and takes no place.
    ``joined_at`` is a hint that she followed the join link, never attendance.
    """

    class State(models.TextChoices):
        HELD = "held", _("Held")
        BOOKED = "booked", _("Booked")
        WAITING = "waiting", _("On the waiting list")
        OFFERED = "offered", _("Offered")
        EXPIRED = "expired", _("Expired")
        CANCELLED = "cancelled", _("Cancelled")
        ATTENDED = "attended", _("Attended")
        NO_SHOW = "no_show", _("Did not turn up")

    TIMED = (State.HELD, State.OFFERED)
    TAKING = (
        State.HELD,
        State.OFFERED,
        State.BOOKED,
        State.ATTENDED,
        State.NO_SHOW,
    )
    LIVE = (*TAKING, State.WAITING)

    Source = Source

    uuid = models.UUIDField(default=uuid4, editable=False)
    session = models.ForeignKey(
        Session,
        verbose_name=_("session"),
        on_delete=models.PROTECT,
        related_name="seats",
    )
    booking = models.ForeignKey(
        Booking,
        verbose_name=_("booking"),
        on_delete=models.PROTECT,
        related_name="seats",
    )
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="+"
    )
    buyer = models.ForeignKey(
        Buyer,
        verbose_name=_("buyer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="seats",
    )
    guest_name = models.CharField(
        _("name"), max_length=100, blank=True, validators=[validate_name]
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices)
    expires_at = models.DateTimeField(_("until"), null=True)
    revision = models.PositiveIntegerField(default=0)
    walk_in = models.BooleanField(_("without a seat"), default=False)
    created_at = models.DateTimeField(_("since"), db_default=Now())
    booked_at = models.DateTimeField(_("booked"), null=True)
    reconfirmed_at = models.DateTimeField(_("still coming"), null=True)
    joined_at = models.DateTimeField(_("followed the join link"), null=True)
    checked_in_at = models.DateTimeField(_("checked in"), null=True)
    attendance = models.CharField(
        _("attendance from"), max_length=8, choices=Source.choices, blank=True
    )
    attended_minutes = models.PositiveSmallIntegerField(
        _("minutes attended"), null=True, blank=True
    )

    objects = Seats.as_manager()

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ("session", "booking", "id")
        constraints = (
            models.UniqueConstraint(fields=["uuid"], name="seat_uuid_unique"),
            models.UniqueConstraint(
                fields=["session", "buyer"],
                condition=Q(
                    buyer__isnull=False,
                    state__in=[
                        *("held", "offered", "booked", "attended", "no_show"),
                        "waiting",
                    ],
                ),
                name="seat_one_per_buyer",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        *("held", "booked", "waiting", "offered"),
                        *("expired", "cancelled", "attended", "no_show"),
                    ]
                ),
                name="seat_known_state",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state__in=["held", "offered"], expires_at__isnull=False)
                    | ~Q(state__in=["held", "offered"]) & Q(expires_at=None)
                ),
                name="seat_timed_while_held",
            ),
            models.CheckConstraint(
                condition=~Q(state="attended") | Q(checked_in_at__isnull=False),
                name="seat_attended_since",
            ),
        )
        indexes = (
            models.Index(fields=["session", "state"], name="seat_session"),
            models.Index(
                fields=["expires_at"],
                condition=Q(state__in=["held", "offered"]),
                name="seat_lapses",
            ),
            models.Index(fields=["account", "session"], name="seat_account"),
        )

    def __str__(self) -> str:
        return f"{self.session_id}/{self.pk}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE


class SeatChange(models.Model):
    """A line of a seat's history: every change of state or date, by whom and why.

    Only added to. ``by`` is empty for the customer herself and for the clock.
    ``notice`` names the message that the owner is to get of it, and ``told_at`` when
    that was planned (`training.telling`).
    """

    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(_("when"))
    before = models.CharField(_("before"), max_length=9, blank=True)
    after = models.CharField(_("after"), max_length=9, choices=Seat.State.choices)
    session = models.ForeignKey(
        Session, verbose_name=_("session"), on_delete=models.PROTECT, related_name="+"
    )
    revision = models.PositiveIntegerField(default=0)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    source = models.CharField(_("from"), max_length=8, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    notice = models.CharField(max_length=20, blank=True)
    told_at = models.DateTimeField(_("told"), null=True)

    class Meta:
        verbose_name = _("seat's history")
        verbose_name_plural = _("seats' history")
        ordering = ("seat", F("id").desc())
        indexes = (
            models.Index(
                fields=["id"],
                condition=Q(told_at__isnull=True) & ~Q(notice=""),
                name="seat_change_untold",
            ),
        )

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.before} → {self.after}"
