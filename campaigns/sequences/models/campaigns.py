"""A campaign, the versions of its steps, and what people did with it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

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
    entry = models.CharField(
        _("who comes in"),
        max_length=40,
        blank=True,
        help_text=_("Empty: the audience, once, when it is started."),
    )
    measures = models.BooleanField(
        _("measure openings and clicks"),
        default=False,
        db_default=False,
        help_text=_("Only of buyers who agreed to it on their page."),
    )
    audience_size = models.PositiveIntegerField(
        _("buyers in the audience"),
        null=True,
        editable=False,
        help_text=_("As counted when it was started."),
    )
    #: While starting: buyers up to this id have been looked at.
    enrolled_up_to = models.BigIntegerField(default=0, editable=False)
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
    #: When, after it was stopped, nothing of it was open any more.
    cleared_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("created"), db_default=Now())

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("-id",)
        permissions = (
            ("send_campaign", _("May start, pause, resume, change and stop")),
        )

    def __str__(self) -> str:
        return self.name


class CampaignVersion(models.Model):
    """The steps that belong together; there is one version of each campaign so far.

    A running campaign is changed in place (`planning.revision`): a message is planned
    once for each step, so that nobody can get one again because of a change.
    """

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
    """Wait, check, act: one timed message of a version of a campaign.

    With an ``anchor`` (`touchpoints.Anchor`) it waits for a moment of its buyer's own,
    such as the start of her session, and goes out to the minute; ``wait_days``,
    ``send_at`` and ``working_days`` are then of no account.
    """

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
    anchor = models.CharField(
        _("reckoned from"),
        max_length=40,
        blank=True,
        help_text=_("Empty: from the step before."),
    )
    anchor_minutes = models.IntegerField(
        _("minutes after that (before: less than 0)"), default=0
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


class CampaignAct(models.Model):
    """Who started, held, changed, ended or measured a campaign, when and why.

    Only added to. ``by`` is empty where the product itself paused it; ``details`` says
    what was changed, as data: `planning.changes` puts it into the reader's language.
    """

    class Act(models.TextChoices):
        STARTED = "started", _("Started")
        PAUSED = "paused", _("Paused")
        RESUMED = "resumed", _("Resumed")
        STOPPED = "stopped", _("Stopped")
        CHANGED = "changed", _("Changed")
        MEASURED = "measured", _("Openings and clicks measured")
        UNMEASURED = "unmeasured", _("Openings and clicks not measured any more")

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="acts"
    )
    act = models.CharField(_("what"), max_length=10, choices=Act.choices)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    details = models.JSONField(default=dict, blank=True, db_default={})

    class Meta:
        verbose_name = _("campaign's history")
        verbose_name_plural = _("campaigns' history")
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.campaign}: {self.act}"
