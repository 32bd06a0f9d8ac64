"""What happened, append-only, and what it adds up to per buyer and per account."""

from typing import NoReturn

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Account, Buyer


class JournalClosed(Exception):
    """The journal has one writing door, `record`, and no way to change it."""


class ReadOnlyQuerySet(models.QuerySet["Event"]):
    """Reads as any other; whatever would write refuses."""

    def _refuse(self, *arguments: object, **options: object) -> NoReturn:
        raise JournalClosed("Events are written by accounts.journal.record alone.")

    create = bulk_create = get_or_create = update_or_create = _refuse
    update = bulk_update = delete = _refuse
    acreate = abulk_create = aget_or_create = aupdate_or_create = _refuse
    aupdate = abulk_update = adelete = _refuse
    _update = _insert = _raw_delete = _refuse


class Event(models.Model):
    """One thing that happened to an account or one of its buyers.

    Partitioned by month of ``recorded_at``; written only by `journal.record`,
    never changed (a trigger on every partition refuses). ``key`` is unique per
    source through `EventKey`. No database foreign keys: they cost a thirtyfold
    on insert; ``manage.py audit`` checks instead.

    ``corrects`` names an event recorded while its buyer was still unknown: this
    one says the same of the buyer. It counts for the buyer alone, since the
    account has it already.
    """

    id = models.BigAutoField(primary_key=True)
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())
    occurred_at = models.DateTimeField(_("when"))
    kind = models.CharField(_("kind"), max_length=40)
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
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    source = models.CharField(_("source"), max_length=60)
    key = models.CharField(_("key"), max_length=200)
    cause = models.CharField(_("cause"), max_length=60, blank=True)
    corrects = models.BigIntegerField(_("corrects event"), null=True)
    data = models.JSONField(_("details"), default=dict)

    objects = ReadOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("-id",)
        base_manager_name = "objects"
        indexes = (
            # The last look before a message, the account's page, and the recount.
            models.Index(
                fields=["account", "kind", "occurred_at"], name="event_account"
            ),
            models.Index(
                fields=["buyer", "kind", "occurred_at"],
                condition=Q(buyer__isnull=False),
                name="event_buyer",
            ),
            # Reports over a period: events mostly arrive in the order they happened.
            BrinIndex(fields=["occurred_at"], pages_per_range=32, name="event_when"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.occurred_at:%Y-%m-%d}"

    def save(self, *arguments: object, **options: object) -> NoReturn:
        raise JournalClosed("Events are written by accounts.journal.record alone.")

    def delete(self, *arguments: object, **options: object) -> NoReturn:
        raise JournalClosed("Events are never deleted.")


class EventKey(models.Model):
    """Makes repeats harmless: one row per (source, key) that was ever recorded.

    A document (an order, a credit note) takes a second row, of the source
    "document", so that it counts once whichever system reports it. A key that
    came with a document already known points to that document's event.
    """

    pk = models.CompositePrimaryKey("source", "key")
    source = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    event_id = models.BigIntegerField()
    digest = models.BinaryField(max_length=16)

    def __str__(self) -> str:
        return f"{self.source}:{self.key}"


class EventInbox(models.Model):
    """Events that no reaction has seen yet; ``shard`` is account_id % 64."""

    pk = models.CompositePrimaryKey("shard", "event_id")
    shard = models.SmallIntegerField()
    event_id = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.event_id}"


class EventPoison(models.Model):
    """An event a reaction could not digest: set aside, shown, retried by a person."""

    event_id = models.BigIntegerField(_("event"))
    recorded_at = models.DateTimeField(_("recorded"))
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="+",
    )
    kind = models.CharField(_("kind"), max_length=40)
    reaction = models.CharField(_("reaction"), max_length=100)
    error = models.TextField(_("error"))
    failed_at = models.DateTimeField(_("failed"), db_default=Now())
    retried_at = models.DateTimeField(_("last retried"), null=True)
    settled_at = models.DateTimeField(_("settled"), null=True)

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
    """A reported event whose account we do not know yet; matched when it arrives.

    ``body`` is the report as it was sent, so that matching later does exactly what
    taking it in would have done.
    """

    class Reason(models.TextChoices):
        UNKNOWN_ACCOUNT = "unknown_account", _("No account has this number")
        AMBIGUOUS_ACCOUNT = (
            "ambiguous_account",
            _("Several accounts could be meant by this number"),
        )
        UNKNOWN_INVITATION = "unknown_invitation", _("No such invitation")
        CONFLICT = "conflict", _("The key was taken by other content meanwhile")

    source = models.CharField(_("source"), max_length=60)
    key = models.CharField(_("key"), max_length=200)
    digest = models.BinaryField(max_length=16)
    kind = models.CharField(_("kind"), max_length=40)
    account_number = models.CharField(_("customer number"), max_length=40, blank=True)
    reason = models.CharField(_("reason"), max_length=40, choices=Reason.choices)
    body = models.JSONField(_("body"))
    received_at = models.DateTimeField(_("received"), db_default=Now())
    matched_at = models.DateTimeField(_("matched"), null=True)
    dismissed_at = models.DateTimeField(_("dismissed"), null=True)
    event_id = models.BigIntegerField(_("event"), null=True)

    class Meta:
        verbose_name = _("unmatched event")
        verbose_name_plural = _("unmatched events")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["source", "key"], name="unmatched_event_unique"
            ),
        )
        indexes = (
            models.Index(
                fields=["id"],
                condition=Q(matched_at__isnull=True, dismissed_at__isnull=True),
                name="unmatched_event_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.source}:{self.key}"


class UnknownBuyer(models.Model):
    """Who an event named as its buyer while we knew nobody by that name.

    The event counts for its account at once. When such a buyer comes into the
    account, an event that corrects it is recorded for the buyer. What the buyer was
    named by may be a person's address: it stands here, where it can be deleted (and
    is, once attached), and not in the journal, where nothing can.
    """

    event_id = models.BigIntegerField(_("event"), primary_key=True)
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="+",
    )
    email_key = models.CharField(_("e-mail address"), max_length=254, blank=True)
    external_id = models.CharField(_("store or ERP id"), max_length=60, blank=True)
    invitation = models.CharField(_("invitation"), max_length=60, blank=True)
    seen_at = models.DateTimeField(_("reported"), db_default=Now())
    attached_at = models.DateTimeField(_("attached"), null=True)
    buyer = models.ForeignKey(
        Buyer,
        verbose_name=_("buyer"),
        null=True,
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="+",
    )

    class Meta:
        verbose_name = _("event of an unknown buyer")
        verbose_name_plural = _("events of unknown buyers")
        ordering = ("-event_id",)
        indexes = (
            models.Index(
                fields=["event_id"],
                condition=Q(attached_at__isnull=True),
                name="unknown_buyer_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id}"


class EventConflict(models.Model):
    """The same key came again with other content: the first one stands, this is shown.

    A repeat of the same conflict adds no row.
    """

    class On(models.TextChoices):
        KEY = "key", _("The same key with other content")
        DOCUMENT = "document", _("The same document with another amount")

    source = models.CharField(_("source"), max_length=60)
    key = models.CharField(_("key"), max_length=200)
    digest = models.BinaryField(max_length=16)
    on = models.CharField(_("what differs"), max_length=8, choices=On.choices)
    event_id = models.BigIntegerField(_("event that stands"), null=True)
    body = models.JSONField(_("body"))
    seen_at = models.DateTimeField(_("seen"), db_default=Now())

    class Meta:
        verbose_name = _("conflicting repeat")
        verbose_name_plural = _("conflicting repeats")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["source", "key", "digest"], name="event_conflict_unique"
            ),
        )

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

    pk = models.CompositePrimaryKey("account_id", "buyer_id", "kind")
    account_id = models.BigIntegerField()
    buyer_id = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=40)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.kind} {self.account_id}/{self.buyer_id}"


class ChannelMonth(models.Model):
    """Documents and value of an account per month, channel and currency.

    Months are those of ``settings.TIME_ZONE``. An online order placed on the
    customer's behalf stands under its own channel, "on_behalf": it is not the
    customer's adoption. Four decimals, as many as an amount may have, so that no
    sum depends on the order in which it was made.
    """

    pk = models.CompositePrimaryKey("account_id", "month", "channel", "currency")
    account_id = models.BigIntegerField()
    month = models.DateField()
    channel = models.CharField(max_length=20)
    currency = models.CharField(max_length=3)
    orders = models.IntegerField(default=0)
    amount = models.DecimalField(max_digits=18, decimal_places=4, default=0)
    credits = models.IntegerField(default=0)
    credited = models.DecimalField(max_digits=18, decimal_places=4, default=0)

    def __str__(self) -> str:
        return f"{self.account_id} {self.month:%Y-%m} {self.channel}"
