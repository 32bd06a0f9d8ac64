"""What of the reports waits for a person: said on the admin's first page."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.staff.models import User
from campaigns.sequences.results import today
from campaigns.sequences.results.today import Concern

from . import waves
from .models import Post


def posts(user: User, at: datetime) -> Iterable[Concern]:
    if not user.has_perm("feedback.view_post"):
        return
    if number := Post.objects.filter(state=Post.State.ASIDE).count():
        told = ngettext(
            "%(count)d report of the mail provider could not be read.",
            "%(count)d reports of the mail provider could not be read.",
            number,
        )
        page = reverse("admin:feedback_post_changelist")
        yield Concern(told % {"count": number}, f"{page}?state__exact=aside", "bad")


def unsubscriptions(user: User, at: datetime) -> Iterable[Concern]:
    """Opened by people or pressed by a gateway: somebody should ask."""
    if not user.has_perm("consent.view_choice"):
        return
    page = reverse("admin:consent_choice_changelist")
    for wave in waves.find(at):
        told = _(
            "%(count)d people at %(domain)s unsubscribed within an hour: perhaps "
            "their mail gateway presses buttons. Ask them."
        )
        values = {"count": wave.people, "domain": wave.domain}
        yield Concern(told % values, f"{page}?q=%40{quote(wave.domain)}", "bad")


today.register("reports", posts)
today.register("unsubscriptions", unsubscriptions)
