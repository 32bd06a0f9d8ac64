"""Who is in a campaign, at which step, and how far she came."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Account, Buyer

from .campaigns import Campaign, CampaignVersion


class Enrolment(models.Model):
    """One buyer in one campaign, at one step; with the times of her own funnel.

    ``position`` is the step that is due next, by its place in the order, and
    ``due_at`` when. Funnel times count from the first message of this campaign on:
    "ordered after enrolling" cannot be had from first and last times alone.

    ``subject`` is what it is about, where steps wait for a moment of it ("seat:…");
    who comes into a campaign with each seat does so in several ``lap``s. Active with
    no ``due_at``: that moment is not known (yet).

    No foreign keys in the database: most of the 14 s that 400,000 rows took went
    into them. ``manage.py audit`` looks for orphans instead.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Under way")
        FINISHED = "finished", _("All steps done")
        EXITED = "exited", _("Left early")

    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,
        related_name="enrolments",
    )
    version = models.ForeignKey(
        CampaignVersion,
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
        related_name="enrolments",
    )
    state = models.CharField(
        _("state"), max_length=8, choices=State.choices, default=State.ACTIVE
    )
    exit_reason = models.CharField(_("reason"), max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(_("next step"), default=0)
    due_at = models.DateTimeField(_("due"), null=True)
    subject = models.CharField(max_length=60, blank=True, db_default="")
    lap = models.PositiveSmallIntegerField(db_default=1)
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
                fields=["campaign", "buyer", "lap"], name="enrolment_once_per_campaign"
            ),
            models.UniqueConstraint(
                fields=["campaign", "buyer", "subject"],
                condition=~Q(subject=""),
                name="enrolment_once_per_subject",
            ),
            models.CheckConstraint(
                condition=~Q(state="exited") | ~Q(exit_reason=""),
                name="enrolment_exit_reason_given",
            ),
            models.CheckConstraint(
                condition=Q(state="active") | Q(due_at=None),
                name="enrolment_due_while_active",
            ),
        )
        indexes = (
            # By campaign first, so that a paused one costs the others nothing.
            models.Index(
                fields=["campaign", "due_at", "id"],
                condition=Q(state="active", due_at__isnull=False),
                name="enrolment_due",
            ),
            models.Index(fields=["account", "campaign"], name="enrolment_account"),
            models.Index(fields=["buyer"], name="enrolment_buyer"),
            models.Index(
                fields=["subject"],
                condition=Q(state="active") & ~Q(subject=""),
                name="enrolment_subject",
            ),
        )

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.buyer_id}"
