"""How fast mail may leave, what happened lately, and who decided what about it."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from campaigns.messages import carriers

_AT_LEAST_ONE = [MinValueValidator(1)]


class Lane(models.Model):
    """The limits of one way out, and how much of them is used.

    Without ``domains`` it is the provider's own lane, which all of its mail takes;
    with them, mail to these domains takes it as well. Senders meet in its row:
    what one takes, the others do not have.
    """

    provider = models.CharField(_("provider"), max_length=40)
    domains = ArrayField(
        models.CharField(max_length=253),
        verbose_name=_("recipients at"),
        default=list,
        blank=True,
        help_text=_(
            "Domains such as gmail.com, googlemail.com, which share this limit. "
            "Empty: the provider as a whole."
        ),
    )
    per_minute = models.PositiveIntegerField(
        _("at most a minute"),
        null=True,
        blank=True,
        validators=_AT_LEAST_ONE,
        help_text=_("Empty: as fast as it goes."),
    )
    per_day = models.PositiveIntegerField(
        _("at most a day"),
        null=True,
        blank=True,
        validators=_AT_LEAST_ONE,
        help_text=_("Such as the daily quota of the plan. Empty: no limit."),
    )
    first_day = models.PositiveIntegerField(
        _("warm-up: messages on the first day"),
        null=True,
        blank=True,
        validators=_AT_LEAST_ONE,
        help_text=_(
            "For a sender nobody knows yet, 50 to 200. Mailbox providers distrust "
            "whoever is unknown and sends much at once. Empty: no warm-up."
        ),
    )
    growth = models.PositiveSmallIntegerField(
        _("warm-up: more each day, in %"),
        default=50,
        validators=_AT_LEAST_ONE,
        help_text=_("Only days on which something was sent count."),
    )

    # What the senders know in common. Readings of the bucket: see `brakes.limits`.
    tokens = models.FloatField(null=True, editable=False)
    filled_at = models.DateTimeField(null=True, editable=False)
    day = models.DateField(null=True, editable=False)
    taken = models.PositiveIntegerField(default=0, editable=False)
    #: Days before today on which something was taken, since the warm-up began.
    earlier_days = models.PositiveIntegerField(default=0, editable=False)
    #: Messages that had to wait have their turns up to here.
    booked_until = models.DateTimeField(null=True, editable=False)

    #: The provider asked us to wait until then.
    not_before = models.DateTimeField(null=True, editable=False)
    stopped_at = models.DateTimeField(_("stopped"), null=True, editable=False)
    stopped_because = models.CharField(max_length=40, blank=True, editable=False)
    stopped_detail = models.CharField(max_length=300, blank=True, editable=False)
    #: The last time nothing could be handed over, until something could again.
    trouble = models.CharField(max_length=300, blank=True, editable=False)
    trouble_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("sending limit")
        verbose_name_plural = _("sending limits")
        ordering = ("provider", "domains", "id")
        constraints = (
            models.UniqueConstraint(
                fields=["provider"],
                condition=Q(domains=[]),
                name="lane_one_per_provider",
            ),
            models.CheckConstraint(
                condition=Q(stopped_at=None) | ~Q(stopped_because=""),
                name="lane_stop_reason_given",
            ),
        )

    def __str__(self) -> str:
        return _name_of_lane(self.slug)

    @property
    def slug(self) -> str:
        """As records keep it, whatever the language of who made them."""
        if not self.domains:
            return self.provider
        return f"{self.provider}: {', '.join(self.domains)}"


class SendingRules(models.Model):
    """One row: the cap for each address, and when a campaign is warned or stopped."""

    singleton = models.BooleanField(primary_key=True, default=True, editable=False)
    weekly_cap = models.PositiveSmallIntegerField(
        _("commercial messages to one address within 7 days, at most"),
        null=True,
        blank=True,
        default=5,
        validators=_AT_LEAST_ONE,
        help_text=_(
            "Over all campaigns. One more is not sent, and says so. Service messages "
            "do not count. Empty: no limit."
        ),
    )
    bounce_warn = models.DecimalField(
        _("bounces: warn above, in %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(5),
    )
    bounce_stop = models.DecimalField(
        _("bounces: pause above, in %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(8),
    )
    complaint_warn = models.DecimalField(
        _("complaints: warn above, in %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal("0.1"),
    )
    complaint_stop = models.DecimalField(
        _("complaints: pause above, in %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal("0.3"),
        help_text=_("Gmail and Yahoo refuse senders who reach 0.3 %."),
    )
    failure_warn = models.DecimalField(
        _("failures: warn above, in %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(5),
    )
    failure_stop = models.DecimalField(
        _("failures: pause above, in %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(10),
        help_text=_("Messages refused by the provider, or of an unknown fate."),
    )

    class Meta:
        verbose_name = _("sending rules")
        verbose_name_plural = _("sending rules")
        constraints = (
            models.CheckConstraint(
                condition=Q(singleton=True), name="sending_rules_single_row"
            ),
        )

    def __str__(self) -> str:
        return str(_("Sending rules"))


class Tally(models.Model):
    """What became of messages within a minute, by campaign (0: notices).

    For rates and thresholds, and forgotten after some days; the truth is in the
    deliveries.
    """

    minute = models.DateTimeField()
    provider = models.CharField(max_length=40)
    campaign_id = models.BigIntegerField(default=0)
    sent = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    later = models.PositiveIntegerField(default=0)
    bounced = models.PositiveIntegerField(default=0)
    complained = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["campaign_id", "minute", "provider"],
                name="tally_per_minute",
            ),
        )
        indexes = (models.Index(fields=["minute"], name="tally_minute"),)

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M} {self.provider} {self.campaign_id}"


class SendingAct(models.Model):
    """Who armed, stopped, resumed or changed what, when and why. Only added to.

    ``by`` is empty where the product acted by itself, or a command without a name.
    """

    class Act(models.TextChoices):
        ARMED = "armed", _("Allowed sending")
        DISARMED = "disarmed", _("Forbade sending")
        STOPPED = "stopped", _("Stopped a provider")
        RESUMED = "resumed", _("Let a provider send again")
        LIMITED = "limited", _("Changed a limit")
        RULED = "ruled", _("Changed the rules")

    act = models.CharField(_("what"), max_length=10, choices=Act.choices)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    subject = models.CharField(_("of"), max_length=200, blank=True)
    #: A slug of `reasons`, or words of whoever did it.
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("sending's history")
        verbose_name_plural = _("sending's history")
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.act} {self.subject}"

    @property
    def about(self) -> str:
        return _name_of_lane(self.subject)


def _name_of_lane(slug: str) -> str:
    provider, colon, domains = slug.partition(": ")
    return f"{carriers.name(provider)}{colon}{domains}"
