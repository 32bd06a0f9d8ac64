"""To whom and when: campaigns, their steps, who is in them, and every message."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Account, Buyer
from campaigns.messages.models import Message, MessageVersion


class Campaign(models.Model):
    """An audience, a sequence of steps and a goal, over a period."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        STARTING = "starting", _("Starting")
        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        STOPPED = "stopped", _("Stopped")

    name = models.CharField(_("name"), max_length=100)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.DRAFT
    )
    pause_reason = models.CharField(_("paused because"), max_length=200, blank=True)
    goal = models.CharField(_("goal"), max_length=40, default="first_online_order")
    audience = models.JSONField(_("audience"), default=dict, blank=True)
    starts_at = models.DateTimeField(
        _("first sending not before"), null=True, blank=True
    )
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    stopped_at = models.DateTimeField(_("stopped"), null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("-id",)
        permissions = (("send_campaign", _("May start, pause, resume and stop")),)

    def __str__(self) -> str:
        return self.name


class CampaignVersion(models.Model):
    """The steps as they stood when published; editing later makes a new version."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField(_("version"), default=1)
    published_at = models.DateTimeField(_("published"), null=True)

    class Meta:
        ordering = ("campaign", "-number")
        constraints = (
            models.UniqueConstraint(
                fields=["campaign", "number"], name="campaign_version_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.campaign} v{self.number}"


class Step(models.Model):
    """Wait, check, act: one timed message of a version of a campaign."""

    class Late(models.TextChoices):
        SKIP = "skip", _("Do not send it")
        SEND = "send", _("Send it all the same, at the next sending hour")

    version = models.ForeignKey(
        CampaignVersion, on_delete=models.CASCADE, related_name="steps"
    )
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    name = models.CharField(_("name"), max_length=100, blank=True)
    message = models.ForeignKey(
        Message, verbose_name=_("message"), on_delete=models.PROTECT, related_name="+"
    )
    message_version = models.ForeignKey(
        MessageVersion,
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    wait_days = models.PositiveSmallIntegerField(
        _("days after the step before"), default=0
    )
    send_at = models.TimeField(_("local time"), default="09:30")
    working_days = models.BooleanField(_("working days only"), default=True)
    only_if = models.JSONField(
        _("only if"),
        default=dict,
        blank=True,
        help_text=_(
            "Conditions checked when the step is due and once more at sending."
        ),
    )
    late_after_hours = models.PositiveSmallIntegerField(
        _("too late after (hours)"), default=48
    )
    late = models.CharField(
        _("when too late"), max_length=4, choices=Late.choices, default=Late.SKIP
    )

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ("version", "position", "id")

    def __str__(self) -> str:
        return self.name or str(self.message)


class Enrolment(models.Model):
    """One buyer in one campaign, at one step; with the times of her own funnel.

    Funnel times count from the first message of this campaign on: "ordered after
    enrolling" cannot be had from first and last times alone.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Under way")
        FINISHED = "finished", _("All steps done")
        EXITED = "exited", _("Left early")

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="enrolments"
    )
    version = models.ForeignKey(
        CampaignVersion, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    buyer = models.ForeignKey(
        Buyer, on_delete=models.PROTECT, db_constraint=False, related_name="enrolments"
    )
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.ACTIVE
    )
    exit_reason = models.CharField(_("reason"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(_("next step"), default=0)
    due_at = models.DateTimeField(_("due"), null=True)
    enrolled_at = models.DateTimeField(_("enrolled"), db_default=Now())
    sent_at = models.DateTimeField(_("first sent"), null=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    seen_at = models.DateTimeField(_("seen by a person"), null=True)
    accepted_at = models.DateTimeField(_("accepted"), null=True)
    registered_at = models.DateTimeField(_("registered"), null=True)
    first_order_at = models.DateTimeField(_("first online order"), null=True)
    regular_at = models.DateTimeField(_("regular"), null=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["campaign", "buyer"], name="enrolment_once_per_campaign"
            ),
        )
        indexes = (
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state="active", due_at__isnull=False),
                name="enrolment_due",
            ),
            models.Index(fields=["account", "campaign"], name="enrolment_account"),
            models.Index(fields=["buyer"], name="enrolment_buyer"),
        )

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.buyer_id}"


class Delivery(models.Model):
    """One message to one buyer for one cause; the row is the queue and the record.

    The cause is (enrolment, step, occurrence) or a ``notice`` such as
    "training.seat:12:rev2". Planned total = sent + failed + skipped + unknown +
    open, at any moment.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        CLAIMED = "claimed", _("About to be sent")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        SKIPPED = "skipped", _("Not sent")
        UNKNOWN = "unknown", _("Unknown")

    OPEN = (State.PLANNED, State.CLAIMED, State.SENDING)

    uuid = models.UUIDField(default=uuid4, editable=False)
    campaign = models.ForeignKey(
        Campaign,
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="deliveries",
    )
    enrolment = models.ForeignKey(
        Enrolment,
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="deliveries",
    )
    step = models.ForeignKey(
        Step,
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="deliveries",
    )
    occurrence = models.PositiveSmallIntegerField(default=1)
    notice = models.CharField(max_length=100, blank=True)
    message_version = models.ForeignKey(
        MessageVersion, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_constraint=False, related_name="+"
    )
    buyer = models.ForeignKey(
        Buyer, on_delete=models.PROTECT, db_constraint=False, related_name="deliveries"
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
    created_at = models.DateTimeField(_("planned"), db_default=Now())

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
                condition=~Q(state="skipped") & Q(step__isnull=False),
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
        )
        indexes = (
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state="planned"),
                name="delivery_due",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=["claimed", "sending"]),
                name="delivery_leased",
            ),
            models.Index(fields=["campaign", "state"], name="delivery_campaign"),
            models.Index(fields=["buyer"], name="delivery_buyer"),
        )

    def __str__(self) -> str:
        return str(self.uuid)


class Attempt(models.Model):
    """One try at the wire, written before it; append-only but for its outcome."""

    class Outcome(models.TextChoices):
        STARTED = "started", _("Started")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        LATER = "later", _("To be tried again")
        AMBIGUOUS = "ambiguous", _("No clear answer")

    delivery = models.ForeignKey(
        Delivery,
        on_delete=models.CASCADE,
        db_constraint=False,
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


class Heartbeat(models.Model):
    """A sign of life of a running part (web, worker, dispatcher, beat)."""

    part = models.CharField(max_length=20)
    instance = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["part", "instance"], name="heartbeat_per_instance"
            ),
        )

    def __str__(self) -> str:
        return f"{self.part} {self.instance}"


class Arming(models.Model):
    """The one row that lets this database send; a copy of it elsewhere may not.

    ``fingerprint`` is made of what a copy cannot share: PostgreSQL's system
    identifier, the database's oid, and a key of the environment.
    """

    singleton = models.BooleanField(primary_key=True, default=True)
    fingerprint = models.BinaryField(max_length=32)
    armed_at = models.DateTimeField()
    armed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(singleton=True), name="arming_single_row"
            ),
        )

    def __str__(self) -> str:
        return f"{self.armed_at:%Y-%m-%d %H:%M}"
