"""Senders' domains that DNS found wanting: told on the first page, where mail goes out,
and before a campaign starts."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.staff.models import User
from campaigns.messages.domains import senders, standing
from campaigns.messages.domains.standing import Fault
from campaigns.sequences.models import Step

from . import today
from .today import Concern

VIEW = "campaign_messages.view_senderdomain"


def concerns(user: User, at: datetime) -> Iterable[Concern]:
    """One for each domain that a brand writes from; as it was found when last asked."""
    if not user.has_perm(VIEW):
        return
    page = reverse("admin:campaign_messages_senderdomain_changelist")
    for fault in standing.faults():
        yield Concern(sentence(fault), page, "bad")


def of_steps(steps: Sequence[Step]) -> list[str]:
    """What is wrong with the domains that the messages of *steps* are written from."""
    addresses = {step.message.brand.sender_email for step in steps}
    names = [senders.domain_of(one) for one in addresses]
    return [sentence(one) for one in standing.faults(names)] if names else []


def sentence(fault: Fault) -> str:
    facts = {"domain": fault.domain, "what": fault.titles}
    if fault.since is None:
        told = _("Mail from %(domain)s may be refused or taken for spam: %(what)s.")
        return told % facts
    told = _(
        "Mail from %(domain)s may be refused or taken for spam: %(what)s, since "
        "%(since)s."
    )
    since = date_format(localtime(fault.since), "DATE_FORMAT")
    return told % {**facts, "since": since}


today.register("domains", concerns)
