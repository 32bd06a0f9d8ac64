"""Every message to every buyer, and every try at the wire."""

from datetime import datetime
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Func, Q, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.customers.models import Account, Buyer
from campaigns.messages.models import Message, MessageVersion

from .campaigns import Campaign, Step
from .enrolments import Enrolment


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """No index knows the state of what goes well: each way in has its own here."""

    def open(self) -> Self:
        """For few rows, found by something else; of a campaign see `is_any_open`."""
        return self.filter(state__in=Delivery.OPEN)

    def planned(self) -> Self:
        """By the queue: what waits may be few among very many."""
        return self.filter(state=Delivery.State.PLANNED, queued__isnull=False)

    def held(self) -> Self:
        """In a sender's hands, which may have died."""
        ids = Func(F("deliveries"), function="unnest")
        return self.filter(
            state__in=Delivery.HELD, pk__in=Batch.objects.values_list(ids)
        )

    def unknown(self) -> Self:
        return self.filter(is_unknown=True)

    def overdue(self, at: datetime) -> Self:
        """Planned for a time that has passed, and not yet handed over."""
        return self.planned().filter(queued__due_at__lte=at)

    def is_any_open(self) -> bool:
        return self.planned().exists() or self.held().exists()


def _whether(holds: Q) -> models.Expression:
    return ExpressionWrapper(holds, output_field=models.BooleanField())


class Delivery(models.Model):
    """One message to one buyer for one cause: the record of it.

    On its way it is written three times within seconds. No index holds what changes
    then, so that PostgreSQL writes the new row beside the old one and leaves the
    indexes alone; who waits is in `Queued`, who is on the way in `Batch`.

    The cause is (enrolment, step, occurrence) or a ``notice`` such as
    "training.seat:12:rev2". Planned total = sent + failed + skipped + unknown +
    open, at any moment. `states` says which changes of state there are; a trigger
    refuses every other, and every deletion.

    ``epoch`` counts the times it was about to go out: the attempt's number, by
    which the spool knows it. ``attempts`` counts those that reached the provider.
    """

    class State(models.TextChoices):
        PLANNED = "planned", pgettext_lazy("one message", "Planned")
        CLAIMED = "claimed", _("About to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", pgettext_lazy("one message", "Failed")
        SKIPPED = "skipped", _("Not sent")
        UNKNOWN = "unknown", _("Unknown")

    HELD = (State.CLAIMED, State.SENDING)
    OPEN = (State.PLANNED, *HELD)

    uuid = models.UUIDField(default=uuid4, editable=False)
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="deliveries",
    )
    enrolment = models.ForeignKey(
        Enrolment,
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="deliveries",
    )
    step = models.ForeignKey(
        Step,
        verbose_name=_("step"),
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="deliveries",
    )
    occurrence = models.PositiveSmallIntegerField(default=1)
    notice = models.CharField(max_length=100, blank=True)
    message_version = models.ForeignKey(
        MessageVersion,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    buyer = models.ForeignKey(
        Buyer,
        verbose_name=_("buyer"),
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="deliveries",
    )
    address_hash = models.BinaryField(max_length=32, null=True, editable=False)
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.PLANNED
    )
    reason = models.CharField(_("reason"), max_length=40, blank=True)
    detail = models.CharField(_("answer of the provider"), max_length=300, blank=True)
    due_at = models.DateTimeField(_("due"))
    local_due = models.CharField(
        _("local time"), max_length=16, blank=True, help_text="“2026-11-22 09:30”"
    )
    zone = models.CharField(_("time zone"), max_length=64, blank=True)
    not_after = models.DateTimeField(_("too late after"), null=True)
    claimed_by = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    epoch = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    transport = models.CharField(_("sent through"), max_length=40, blank=True)
    provider_id = models.CharField(_("provider's id"), max_length=200, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    settled_at = models.DateTimeField(_("settled"), null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("settled by"),
        null=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        db_index=False,
        related_name="+",
        help_text=_("Who decided what became of a message with an unknown fate."),
    )
    settled_note = models.CharField(_("evidence"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("planned"), db_default=Now())
    # For indexes: they do not change while all goes well.
    stands = models.GeneratedField(
        expression=_whether(~Q(state="skipped")),
        output_field=models.BooleanField(),
        db_persist=True,
        editable=False,
    )
    is_unknown = models.GeneratedField(
        expression=_whether(Q(state="unknown")),
        output_field=models.BooleanField(),
        db_persist=True,
        editable=False,
    )
    troubled_at = models.GeneratedField(
        expression=Case(When(state__in=["failed", "unknown"], then=F("settled_at"))),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
        editable=False,
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["uuid"], name="delivery_uuid_unique"),
            models.UniqueConstraint(
                fields=["enrolment", "step", "occurrence"],
                condition=Q(enrolment__isnull=False),
                name="delivery_one_per_step",
            ),
            models.UniqueConstraint(
                fields=["notice"],
                condition=~Q(notice=""),
                name="delivery_one_per_notice",
            ),
            models.UniqueConstraint(
                fields=["step", "occurrence", "address_hash"],
                condition=Q(stands=True, step__isnull=False),
                name="delivery_one_per_address",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "planned",
                        "claimed",
                        "sending",
                        "sent",
                        "failed",
                        "skipped",
                        "unknown",
                    ]
                ),
                name="delivery_known_state",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["skipped", "failed", "unknown"])
                | ~Q(reason=""),
                name="delivery_reason_given",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["claimed", "sending"])
                | Q(lease_until__isnull=False),
                name="delivery_leased_while_held",
            ),
            models.CheckConstraint(
                condition=Q(enrolment__isnull=False, step__isnull=False)
                | ~Q(notice=""),
                name="delivery_has_a_cause",
            ),
        )
        indexes = (
            models.Index(fields=["campaign"], name="delivery_campaign"),
            models.Index(fields=["buyer"], name="delivery_buyer"),
            # For the live page; what goes well never touches them.
            models.Index(
                fields=["id"], condition=Q(is_unknown=True), name="delivery_unknown"
            ),
            models.Index(
                fields=["troubled_at"],
                condition=Q(troubled_at__isnull=False),
                name="delivery_troubled",
            ),
        )

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def called(self) -> Step | Message:
        """What people call it by: its step, or the message of a notice."""
        return self.step or self.message_version.message


class Queued(models.Model):
    """A delivery that is *planned*: the queue, a narrow table that is emptied as fast
    as it is filled.

    A trigger keeps it in step with the deliveries; only `claim` takes out itself what
    it takes. Whoever writes here has locked the delivery.
    """

    delivery = models.OneToOneField(
        Delivery,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="queued",
    )
    campaign = models.ForeignKey(
        Campaign,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="queue",
    )
    due_at = models.DateTimeField()

    class Meta:
        indexes = (
            # By campaign first, so that a paused one costs the others nothing.
            models.Index(fields=["campaign", "due_at", "delivery"], name="queued_due"),
        )

    def __str__(self) -> str:
        return str(self.delivery_id)


class Batch(models.Model):
    """What a sender has taken out of the queue, and when he may be asked about it: by
    this it is found again when he is gone. What has become of it the deliveries say.
    """

    worker = models.CharField(max_length=80, primary_key=True)
    deliveries = ArrayField(models.BigIntegerField())
    lease_until = models.DateTimeField()

    def __str__(self) -> str:
        return self.worker


class MeasuredDelivery(models.Model):
    """A delivery that was composed with what counts its openings and clicks.

    Of its openings, and of its clicks, the one that was least likely a machine's, in
    per cent; empty: there was none. Whoever notes them keeps it up to date.
    """

    delivery = models.OneToOneField(
        Delivery,
        primary_key=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="measured",
    )
    opened = models.PositiveSmallIntegerField(null=True, editable=False)
    clicked = models.PositiveSmallIntegerField(null=True, editable=False)

    def __str__(self) -> str:
        return str(self.delivery_id)


class Attempt(models.Model):
    """One try at the wire, written before it; append-only but for its outcome."""

    class Outcome(models.TextChoices):
        STARTED = "started", _("Started")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        LATER = "later", _("To be tried again")
        AMBIGUOUS = "ambiguous", _("No clear answer")
        WITHHELD = "withheld", _("Held back before the wire")

    delivery = models.ForeignKey(
        Delivery,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="tries",
    )
    number = models.PositiveSmallIntegerField()
    worker = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(
        max_length=10, choices=Outcome.choices, default=Outcome.STARTED
    )
    code = models.CharField(max_length=10, blank=True)
    answer = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("delivery", "number")
        constraints = (
            models.UniqueConstraint(
                fields=["delivery", "number"], name="attempt_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.delivery_id}#{self.number}"
