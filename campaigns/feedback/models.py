"""What providers told us: each post as it came, and each report it held."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from campaigns.sequences.models import Delivery


class Post(models.Model):
    """One post of a provider, or one mail of the bounce mailbox, as it came.

    Committed before it is answered, read afterwards. What was read is emptied: its
    reports stay, the rest is personal data that nobody needs.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        READ = "read", _("Read")
        ASIDE = "aside", _("Set aside")

    provider = models.CharField(_("provider"), max_length=20)
    inbound = models.BooleanField(_("holds mail"), default=False)
    content_type = models.CharField(max_length=200, blank=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    state = models.CharField(
        _("state"), max_length=7, choices=State.choices, db_default=State.WAITING
    )
    trouble = models.CharField(_("trouble"), max_length=300, blank=True, db_default="")
    lease_until = models.DateTimeField(null=True)
    received_at = models.DateTimeField(_("received"), db_default=Now())
    read_at = models.DateTimeField(_("read at"), null=True)

    class Meta:
        verbose_name = _("provider's post")
        verbose_name_plural = _("providers’ posts")
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=["id"], condition=Q(state="waiting"), name="post_waiting"
            ),
            models.Index(fields=["id"], condition=Q(state="aside"), name="post_aside"),
        )

    def __str__(self) -> str:
        return f"{self.provider} {self.pk}"


class Report(models.Model):
    """One thing that happened to one message, by whomever we heard of it.

    A fact with its own time: the order in which reports arrive decides nothing.
    ``key`` makes a repeat harmless. One that fits no delivery of ours is kept and
    has no effect. It holds no address, only its keyed hash.
    """

    class Kind(models.TextChoices):
        ACCEPTED = "accepted", _("Taken by the provider")
        DELIVERED = "delivered", _("Delivered")
        DEFERRED = "deferred", _("Delayed")
        HARD = "hard", _("Bounced: no such address")
        SOFT = "soft", _("Bounced for now")
        REJECTED = "rejected", _("Not sent by the provider")
        COMPLAINED = "complained", _("Complained")
        UNSUBSCRIBED = "unsubscribed", _("Unsubscribed")
        REPLIED = "replied", _("Replied")
        ANSWERED = "answered", _("Automatic reply")
        OPENED = "opened", _("Opened")
        CLICKED = "clicked", _("Clicked")

    key = models.BinaryField(max_length=32)
    provider = models.CharField(_("provider"), max_length=20)
    kind = models.CharField(_("what"), max_length=12, choices=Kind.choices)
    delivery = models.ForeignKey(
        Delivery,
        verbose_name=_("delivery"),
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="reports",
    )
    address_hash = models.BinaryField(max_length=32, null=True, editable=False)
    occurred_at = models.DateTimeField(_("when"))
    detail = models.CharField(_("in the provider's words"), max_length=300, blank=True)
    #: Of a click: which link, as a digest; nobody can make the address of it.
    link = models.BinaryField(max_length=8, null=True, editable=False)
    #: Of an opening or click: how likely a machine did it, in per cent.
    machine = models.PositiveSmallIntegerField(_("machine, in %"), null=True)
    post = models.ForeignKey(
        Post,
        null=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("delivery report")
        verbose_name_plural = _("delivery reports")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["key"], name="report_key_unique"),
        )
        indexes = (
            models.Index(
                fields=["delivery", "kind"],
                condition=Q(delivery__isnull=False),
                name="report_delivery",
            ),
            models.Index(
                fields=["address_hash", "occurred_at"],
                condition=Q(kind="soft"),
                name="report_soft",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.delivery_id}"


class Gateway(models.Model):
    """How the mail gateway of a company behaves, learnt from what was clicked there.

    Counted anew from the reports every hour: nothing in it is kept for its own sake.
    """

    domain = models.CharField(_("e-mail domain"), max_length=255, primary_key=True)
    clicked = models.PositiveIntegerField(_("messages with clicks"))
    swept = models.PositiveIntegerField(_("of them, swept by a machine"))
    sent = models.PositiveIntegerField(_("measured messages"), db_default=0)
    followed = models.PositiveIntegerField(_("of them, clicked"), db_default=0)
    people = models.PositiveIntegerField(_("by how many people"), db_default=0)

    class Meta:
        verbose_name = _("mail gateway")
        verbose_name_plural = _("mail gateways")

    def __str__(self) -> str:
        return self.domain


class Bookmark(models.Model):
    """How far the bounce mailbox has been read. Nothing in the mailbox is changed."""

    mailbox = models.CharField(max_length=200, unique=True)
    validity = models.BigIntegerField()
    last = models.BigIntegerField()
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.mailbox
