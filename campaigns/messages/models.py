"""What we say: messages and their languages, frozen in versions; and the brand."""

from typing import TYPE_CHECKING, Self
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.consent.topics import Topic

from . import colours, guard, names

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.staff.models import User

#: Below `staff`, so that no role but the administrator's has it.
READ_ALL_MAIL = "staff.read_all_mail"

#: The languages that mails are written in.
LANGUAGES = [("es", "Español"), ("en", "English")]


def all_languages() -> list[str]:
    return [code for code, _name in LANGUAGES]


class Brand(models.Model):
    """Who the mail is from: sender, postal address, colours, store."""

    name = models.CharField(
        _("company name"), max_length=100, validators=[guard.validate_name]
    )
    sender_name = models.CharField(
        _("sender's name"), max_length=100, validators=[guard.validate_name]
    )
    sender_email = models.EmailField(
        _("sender's address"), validators=[guard.validate_address]
    )
    reply_to = models.EmailField(
        _("replies to"),
        blank=True,
        validators=[guard.validate_address],
        help_text=_("Empty: the sender's address."),
    )
    postal_address = models.TextField(
        _("postal address"),
        help_text=_("Stands in the footer of every message, as the law asks."),
    )
    colour = models.CharField(
        _("colour"), max_length=7, default="#1f4fd8", validators=[colours.validate]
    )
    logo = models.BinaryField(null=True, blank=True, editable=False)
    logo_type = models.CharField(max_length=20, blank=True, editable=False)
    store_name = models.CharField(
        _("web store's name"),
        max_length=100,
        blank=True,
        validators=[guard.validate],
    )
    languages = ArrayField(
        models.CharField(max_length=5, choices=LANGUAGES),
        verbose_name=_("languages"),
        default=all_languages,
        help_text=_("Every message must be written in each of them."),
    )
    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("New messages begin with this brand.")
    )

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="brand_one_default",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Purpose(models.TextChoices):
    MARKETING = "marketing", _("Commercial message")
    SERVICE = "service", _("Service message")


class Message(models.Model):
    """A message being written; `MessageVersion` is what goes out."""

    name = models.CharField(_("name"), max_length=100)
    purpose = models.CharField(
        _("kind"), max_length=10, choices=Purpose.choices, default=Purpose.MARKETING
    )
    topic = models.CharField(
        _("topic"),
        max_length=20,
        choices=Topic.choices,
        default=Topic.STORE,
        help_text=_("Buyers choose what they get commercial messages about."),
    )
    touchpoint = models.CharField(
        _("touchpoint"), max_length=40, blank=True, editable=False
    )
    starter = models.CharField(max_length=60, blank=True, editable=False)
    brand = models.ForeignKey(
        Brand, verbose_name=_("brand"), on_delete=models.PROTECT, related_name="+"
    )
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["brand", "starter"],
                condition=~models.Q(starter=""),
                name="message_starter_once",
            ),
        )

    def __str__(self) -> str:
        return names.of(self.starter, self.name)


class MessageText(models.Model):
    """The message in one language: Markdown with Liquid placeholders."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(_("language"), max_length=5, choices=LANGUAGES)
    subject = models.CharField(
        _("subject"), max_length=200, validators=[guard.validate]
    )
    preheader = models.CharField(
        _("preview line"),
        max_length=200,
        blank=True,
        validators=[guard.validate],
        help_text=_("What the inbox shows behind the subject."),
    )
    body = models.TextField(_("text"), help_text=_("Markdown with placeholders."))

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        ordering = ("message", "language")
        constraints = (
            models.UniqueConstraint(
                fields=["message", "language"], name="message_text_per_language"
            ),
        )

    def __str__(self) -> str:
        return self.subject


class MessageVersion(models.Model):
    """A message as published: frozen, so that every delivery shows what was said."""

    uuid = models.UUIDField(default=uuid4, editable=False)
    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField(_("version"))
    purpose = models.CharField(max_length=10, choices=Purpose.choices)
    topic = models.CharField(max_length=20, db_default=Topic.STORE)
    brand = models.JSONField(default=dict)
    digest = models.BinaryField(max_length=32)
    published_at = models.DateTimeField(_("published"), db_default=Now())
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL
    )

    class Meta:
        verbose_name = _("message version")
        verbose_name_plural = _("message versions")
        ordering = ("message", "-number")
        constraints = (
            models.UniqueConstraint(
                fields=["message", "number"], name="message_version_number"
            ),
            models.UniqueConstraint(
                fields=["message", "digest"], name="message_version_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.message} v{self.number}"


class VersionText(models.Model):
    """One language of a version: the source, and the mail compiled from it once.

    ``html`` and ``text`` still hold their Liquid placeholders.
    """

    version = models.ForeignKey(
        MessageVersion, on_delete=models.CASCADE, related_name="texts"
    )
    language = models.CharField(max_length=5)
    subject = models.CharField(max_length=200)
    preheader = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    html = models.TextField()
    text = models.TextField()

    class Meta:
        ordering = ("version", "language")
        constraints = (
            models.UniqueConstraint(
                fields=["version", "language"], name="version_text_per_language"
            ),
        )

    def __str__(self) -> str:
        return self.subject


class PublishedLink(models.Model):
    """An address that a version links to, the same for everybody.

    Clicks that are counted are redirected to these and to nothing else. ``number`` is
    what the mail's signed token names.
    """

    version = models.ForeignKey(
        MessageVersion, on_delete=models.CASCADE, related_name="links"
    )
    language = models.CharField(_("language"), max_length=5)
    number = models.PositiveSmallIntegerField(_("number"))
    address = models.CharField(_("address"), max_length=2000)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("withdrawn by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

    class Meta:
        verbose_name = _("published link")
        verbose_name_plural = _("published links")
        ordering = ("-version", "number")
        constraints = (
            models.UniqueConstraint(
                fields=["version", "number"], name="published_link_number"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1), name="published_link_numbers_begin"
            ),
        )

    def __str__(self) -> str:
        return self.address


class OutboxQuerySet(models.QuerySet["OutboxMail"]):
    def shown_to(self, user: "User | AnonymousUser") -> Self:
        """Mails of the log-in hold links that make their reader somebody else."""
        if user.has_perm(READ_ALL_MAIL):
            return self
        return self.filter(Q(delivery_uuid__isnull=False) | Q(is_trial=True))


class OutboxMail(models.Model):
    """A mail that stayed here because no provider is set up; read in the admin."""

    delivery_uuid = models.UUIDField(null=True, editable=False)
    is_trial = models.BooleanField(default=False, editable=False)
    recipient = models.CharField(_("to"), max_length=254)
    sender = models.CharField(_("from"), max_length=254)
    subject = models.CharField(_("subject"), max_length=998)
    raw = models.BinaryField(editable=False)
    created_at = models.DateTimeField(_("received"), db_default=Now())

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("outbox mail")
        verbose_name_plural = _("outbox")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["delivery_uuid"], name="outbox_delivery"),
            models.Index(fields=["recipient"], name="outbox_recipient"),
        )

    def __str__(self) -> str:
        return self.subject


class SenderDomain(models.Model):
    """What DNS said about a domain that we send from: asked about daily, or by hand."""

    domain = models.CharField(_("domain"), max_length=253)
    selectors = ArrayField(
        models.CharField(max_length=63),
        verbose_name=_("DKIM selectors"),
        default=list,
        blank=True,
    )
    findings = models.JSONField(default=list, editable=False)
    #: Subject of a finding → since when it stands as it does.
    since = models.JSONField(default=dict, db_default={}, editable=False)
    #: When to ask again by itself; empty: it was never asked about.
    ask_at = models.DateTimeField(null=True, editable=False)
    checked_at = models.DateTimeField(_("checked"), null=True, editable=False)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("checked by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

    class Meta:
        verbose_name = _("sender's domain")
        verbose_name_plural = _("senders' domains")
        ordering = ("domain",)
        constraints = (
            models.UniqueConstraint(fields=["domain"], name="sender_domain_once"),
        )

    def __str__(self) -> str:
        return self.domain
