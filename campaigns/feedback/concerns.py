"""What of the reports waits for a person: said on the admin's first page."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.staff.models import User
from campaigns.sequences.results import today
from campaigns.sequences.results.today import Concern

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


today.register("reports", posts)
