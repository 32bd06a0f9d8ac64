"""Senders' domains that DNS found wanting, for the first page."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.staff.models import User
from campaigns.messages.domains import senders
from campaigns.messages.domains.findings import Finding, Level
from campaigns.messages.models import SenderDomain

from . import today
from .today import Concern


def concerns(user: User, at: datetime) -> Iterable[Concern]:
    """One for each domain that a brand writes from; as it was found when last asked."""
    if not user.has_perm("campaign_messages.view_senderdomain"):
        return
    page = reverse("admin:campaign_messages_senderdomain_changelist")
    for row in SenderDomain.objects.filter(domain__in=senders.used()):
        bad = [one for one in map(Finding.of, row.findings) if one.level == Level.BAD]
        if bad:
            told = _("Mail from %(domain)s may be refused or taken for spam: %(what)s.")
            what = ", ".join(dict.fromkeys(one.title for one in bad))
            yield Concern(told % {"domain": row.domain, "what": what}, page, "bad")


today.register("domains", concerns)
