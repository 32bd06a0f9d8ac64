"""When and where a course is given, how many may come, and which dates share seats."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from accounts.customers import zones
from accounts.customers.lines import validate_line
from accounts.customers.models import Account
from campaigns.sequences import schedule

from .courses import Course


class Series(models.Model):
    """A rule such as "every Tuesday until June": it makes sessions, and is then only
    remembered. ``weekdays`` counts from Monday as 0. Each session stands for itself;
    ``Session.series_day`` says which day of the rule it was made for.
    """

    course = models.ForeignKey(
        Course, verbose_name=_("course"), on_delete=models.PROTECT, related_name="+"
    )
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)]),
        verbose_name=_("weekdays"),
    )
    every_weeks = models.PositiveSmallIntegerField(
        _("every so many weeks"), default=1, validators=[MinValueValidator(1)]
    )
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("until"))
    skip_holidays = models.CharField(
        _("not on public holidays of"),
        max_length=2,
        blank=True,
        help_text=_("Two letters, ISO 3166."),
    )
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="series_days_in_order"
            ),
        )

    def __str__(self) -> str:
        return f"{self.course} {self.first_day:%Y-%m-%d}"


class Pool(models.Model):
    """Seats that several sessions share: each of them has its own capacity, and all
    together no more than the pool's. A seat counts in both.
    """

    name = models.CharField(_("name"), max_length=100, validators=[validate_line])
    capacity = models.PositiveIntegerField(_("seats"))
    taken = models.PositiveIntegerField(_("taken"), default=0, editable=False)

    class Meta:
        verbose_name = _("shared pool of seats")
        verbose_name_plural = _("shared pools of seats")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=Q(taken__lte=F("capacity")), name="pool_never_overbooked"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def free(self) -> int:
        return self.capacity - self.taken


class Sessions(models.QuerySet["Session"]):
    def planned(self) -> Self:
        return self.filter(state=Session.State.PLANNED)

    def upcoming(self, at: datetime) -> Self:
        return self.planned().filter(starts_at__gt=at).order_by("starts_at", "pk")

    def past(self, at: datetime) -> Self:
        return self.planned().filter(ends_at__lte=at)

    def bookable(self, at: datetime) -> Self:
        """Whose booking window is open at *at*, whether or not a seat is free."""
        opened = Q(bookable_from=None) | Q(bookable_from__lte=at)
        return (
            self.upcoming(at)
            .annotate(closes_at=Coalesce("bookable_until", "starts_at"))
            .filter(opened, closes_at__gt=at)
        )

    def given_by(self, trainer: Any) -> Self:
        return self.filter(trainers=trainer)


class Session(models.Model):
    """One date of a course.

    Its time is a wall-clock rule (``day``, ``hour``, ``minutes``, ``zone``);
    ``starts_at`` and ``ends_at`` are the instants that follow from it, kept by `save`.

    ``taken`` counts the seats that take a place (`Seat.TAKING`, without walk-ins). It
    changes only with them, in one conditional statement (`training.seats`), and the
    database holds ``taken <= capacity``. Change ``capacity``, ``pool``, the time, the
    place and the state through `training.seats` and `training.changes`, which promote
    and tell those who booked; everything else by plain `save`.

    ``revision`` rises with every change that attendees are told of. Empty limits mean:
    seats per company as one likes, booking from now on until it starts, cancelling
    until it starts.
    """

    KEPT: ClassVar[frozenset[str]] = frozenset(
        {
            *("taken", "capacity", "pool", "state", "revision"),
            *("cancelled_at", "cancel_reason", "closed_at"),
        }
    )

    class Kind(models.TextChoices):
        WEBINAR = "webinar", _("Webinar")
        ON_SITE = "on_site", _("On site")
        AT_CUSTOMER = "at_customer", _("At the customer's")

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        CANCELLED = "cancelled", _("Cancelled")

    uuid = models.UUIDField(default=uuid4, editable=False)
    course = models.ForeignKey(
        Course,
        verbose_name=_("course"),
        on_delete=models.PROTECT,
        related_name="sessions",
    )
    series = models.ForeignKey(
        Series,
        verbose_name=_("series"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="sessions",
    )
    series_day = models.DateField(null=True, blank=True, editable=False)
    pool = models.ForeignKey(
        Pool,
        verbose_name=_("shared pool of seats"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sessions",
    )
    kind = models.CharField(
        _("kind"), max_length=12, choices=Kind.choices, default=Kind.WEBINAR
    )
    state = models.CharField(
        _("state"),
        max_length=9,
        choices=State.choices,
        default=State.PLANNED,
        editable=False,
    )

    day = models.DateField(_("day"))
    hour = models.TimeField(_("begins at"))
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=60, validators=[MinValueValidator(5)]
    )
    zone = models.CharField(
        _("time zone"),
        max_length=64,
        default="Europe/Madrid",
        validators=[zones.validate_zone],
    )
    starts_at = models.DateTimeField(_("starts"), editable=False)
    ends_at = models.DateTimeField(_("ends"), editable=False)

    place = models.CharField(
        _("place"), max_length=200, blank=True, validators=[validate_line]
    )
    map_url = models.URLField(_("map"), max_length=500, blank=True)
    directions = models.TextField(_("how to get there"), blank=True)
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Whom the rep visits, where it is given at the customer's."),
    )
    join_url = models.URLField(
        _("address of the meeting"),
        max_length=500,
        blank=True,
        help_text=_("May change until it starts: invitations hold an address of ours."),
    )
    trainers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("trainers"),
        blank=True,
        related_name="training_sessions",
    )

    capacity = models.PositiveIntegerField(_("seats"), default=20)
    taken = models.PositiveIntegerField(_("taken"), default=0, editable=False)
    seats_per_account = models.PositiveSmallIntegerField(
        _("seats per company"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: as many as there are."),
    )
    has_waiting_list = models.BooleanField(_("waiting list"), default=True)
    bookable_from = models.DateTimeField(_("booking opens"), null=True, blank=True)
    bookable_until = models.DateTimeField(
        _("booking closes"), null=True, blank=True, help_text=_("Empty: at its start.")
    )
    cancel_hours = models.PositiveSmallIntegerField(
        _("cancelling until so many hours before"), default=0
    )
    claim_hours = models.PositiveSmallIntegerField(
        _("hours to take an offered seat"),
        default=24,
        validators=[MinValueValidator(1)],
        help_text=_("Who waits and is offered a seat has so long to take it."),
    )

    recording_url = models.URLField(_("recording"), max_length=500, blank=True)
    watched_counts = models.BooleanField(
        _("watching it counts as trained"), default=False
    )
    cost = models.DecimalField(
        _("cost"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    revision = models.PositiveIntegerField(default=0, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, editable=False)
    cancel_reason = models.CharField(
        _("why cancelled"), max_length=200, blank=True, editable=False
    )
    #: When everybody booked and not checked in was noted as not having turned up.
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    objects = Sessions.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ("-starts_at", "-id")
        constraints = (
            models.UniqueConstraint(fields=["uuid"], name="session_uuid_unique"),
            models.UniqueConstraint(
                fields=["series", "series_day"],
                condition=Q(series__isnull=False),
                name="session_once_per_day_of_series",
            ),
            models.CheckConstraint(
                condition=Q(taken__lte=F("capacity")), name="session_never_overbooked"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="session_ends_later"
            ),
            models.CheckConstraint(
                condition=~Q(kind="at_customer") | Q(account__isnull=False),
                name="session_at_a_customer_names_it",
            ),
        )
        indexes = (models.Index(fields=["starts_at"], name="session_starts"),)

    def __str__(self) -> str:
        return f"{self.course}, {self.day:%Y-%m-%d} {self.hour:%H:%M}"

    def save(self, **options: Any) -> None:
        """Leaves alone what `training.seats` and `training.changes` keep: a form that
        was opened before somebody booked must not write an old count back."""
        self.keep_instants()
        if not self._state.adding and options.get("update_fields") is None:
            names = {field.name for field in self._meta.concrete_fields}
            options["update_fields"] = names - self.KEPT - {"id"}
        super().save(**options)

    def keep_instants(self) -> None:
        """Work the instants out of the wall-clock rule; who writes in bulk calls it."""
        self.starts_at = schedule.instant(self.day, self.hour, self.zone)
        self.ends_at = self.starts_at + timedelta(minutes=self.minutes)

    @property
    def free_here(self) -> int:
        return self.capacity - self.taken

    @property
    def free(self) -> int:
        """Seats nobody has, here and in the pool."""
        return min(self.free_here, self.pool.free) if self.pool else self.free_here

    @property
    def is_cancelled(self) -> bool:
        return self.state == self.State.CANCELLED

    @property
    def booking_ends(self) -> datetime:
        return min(self.bookable_until or self.starts_at, self.starts_at)

    @property
    def cancelling_ends(self) -> datetime:
        return self.starts_at - timedelta(hours=self.cancel_hours)

    def is_bookable(self, at: datetime) -> bool:
        opened = self.bookable_from is None or self.bookable_from <= at
        return not self.is_cancelled and opened and at < self.booking_ends
