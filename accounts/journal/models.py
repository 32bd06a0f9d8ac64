"""What happened, append-only, and what it adds up to per buyer and per account."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Account, Buyer


class Event(models.Model):
    """One thing that happened to an account or one of its buyers.

    Partitioned by month of ``recorded_at``; written only by `journal.record`,
    never changed (a trigger on every partition refuses). ``key`` is unique per
    source through `EventKey`. No database foreign keys: they cost a thirtyfold
    on insert; ``manage.py audit`` checks instead.
    """

    id = models.BigAutoField(primary_key=True)
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())
    occurred_at = models.DateTimeField(_("when"))
    kind = models.CharField(_("kind"), max_length=40)
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    buyer = models.ForeignKey(
        Buyer,
        verbose_name=_("buyer"),
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    source = models.CharField(_("source"), max_length=60)
    key = models.CharField(_("key"), max_length=200)
    cause = models.CharField(_("cause"), max_length=60, blank=True)
    data = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("journal")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at:%Y-%m-%d}"


class EventKey(models.Model):
    """Makes repeats harmless: one row per (source, key) that was ever recorded."""

    source = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    event_id = models.BigIntegerField()
    digest = models.BinaryField(max_length=16)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["source", "key"], name="event_key_unique"),
        )

    def __str__(self) -> str:
        return f"{self.source}:{self.key}"


class EventInbox(models.Model):
    """What reactions have not yet seen; ``shard`` is account_id % 64."""

    event_id = models.BigIntegerField(primary_key=True)
    shard = models.SmallIntegerField()
    recorded_at = models.DateTimeField()
    occurred_at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    account_id = models.BigIntegerField()
    buyer_id = models.BigIntegerField(null=True)
    cause = models.CharField(max_length=60, blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["shard", "event_id"], name="inbox_shard"),)

    def __str__(self) -> str:
        return f"{self.event_id}"


class EventPoison(models.Model):
    """An event a reaction could not digest: set aside, shown, retried by a person."""

    event_id = models.BigIntegerField()
    reaction = models.CharField(_("reaction"), max_length=100)
    error = models.TextField(_("error"))
    failed_at = models.DateTimeField(_("failed"), db_default=Now())
    retried_at = models.DateTimeField(_("retried"), null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("event set aside")
        verbose_name_plural = _("events set aside")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["event_id", "reaction"], name="event_poison_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.reaction}: {self.event_id}"


class UnmatchedEvent(models.Model):
    """A reported event whose account or buyer we do not know yet; matched later."""

    source = models.CharField(_("source"), max_length=60)
    key = models.CharField(_("key"), max_length=200)
    digest = models.BinaryField(max_length=16)
    account_number = models.CharField(_("customer number"), max_length=40)
    reason = models.CharField(_("reason"), max_length=40)
    body = models.JSONField(_("body"))
    received_at = models.DateTimeField(_("received"), db_default=Now())
    matched_at = models.DateTimeField(_("matched"), null=True)
    event_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = _("unmatched event")
        verbose_name_plural = _("unmatched events")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["source", "key"], name="unmatched_event_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.source}:{self.key}"


class EventConflict(models.Model):
    """The same key came again with other content: the first one stands, this is shown."""

    source = models.CharField(_("source"), max_length=60)
    key = models.CharField(_("key"), max_length=200)
    event_id = models.BigIntegerField()
    body = models.JSONField(_("body"))
    seen_at = models.DateTimeField(_("seen"), db_default=Now())

    class Meta:
        verbose_name = _("conflicting repeat")
        verbose_name_plural = _("conflicting repeats")
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.source}:{self.key}"


class Progress(models.Model):
    """First and last times and counts of the core kinds. A sum over the journal:

    every column merges commutatively (least, greatest, plus, newest n), so events
    may come in any order and a rebuild gives the identical row.
    """

    invited_at = models.DateTimeField(_("invited"), null=True)
    registered_at = models.DateTimeField(_("registered"), null=True)
    logged_in_first = models.DateTimeField(null=True)
    logged_in_last = models.DateTimeField(_("last log-in"), null=True)
    logged_in_count = models.PositiveIntegerField(_("log-ins"), default=0)
    online_first = models.DateTimeField(_("first online order"), null=True)
    online_last = models.DateTimeField(_("last online order"), null=True)
    online_count = models.PositiveIntegerField(_("online orders"), default=0)
    online_recent = ArrayField(
        models.DateTimeField(),
        default=list,
        help_text="Newest online orders, newest first, at most 12.",
    )
    offline_first = models.DateTimeField(null=True)
    offline_last = models.DateTimeField(_("last offline order"), null=True)
    offline_count = models.PositiveIntegerField(_("offline orders"), default=0)
    regular_until = models.DateTimeField(_("regular until"), null=True)
    regular_since = models.DateTimeField(_("regular since"), null=True)

    class Meta:
        abstract = True


class BuyerProgress(Progress):
    buyer = models.OneToOneField(
        Buyer,
        primary_key=True,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="progress",
    )
    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )

    class Meta:
        verbose_name = _("buyer's progress")
        verbose_name_plural = _("buyers' progress")

    def __str__(self) -> str:
        return f"{self.buyer_id}"


class AccountProgress(Progress):
    account = models.OneToOneField(
        Account,
        primary_key=True,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="progress",
    )

    class Meta:
        verbose_name = _("account's progress")
        verbose_name_plural = _("accounts' progress")

    def __str__(self) -> str:
        return f"{self.account_id}"


class KindProgress(models.Model):
    """First, last and count of any other kind; ``buyer_id`` 0 is the account's row."""

    account_id = models.BigIntegerField()
    buyer_id = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=40)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account_id", "buyer_id", "kind"], name="kind_progress_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.account_id}/{self.buyer_id}"


class ChannelMonth(models.Model):
    """Documents and value of an account per month, channel and currency."""

    account_id = models.BigIntegerField()
    month = models.DateField()
    channel = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    orders = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=18, decimal_places=2, default=0)
    credits = models.IntegerField(default=0)
    credited = models.DecimalField(max_digits=18, decimal_places=2, default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["account_id", "month", "channel", "currency"],
                name="channel_month_unique",
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id} {self.month:%Y-%m} {self.channel}"
