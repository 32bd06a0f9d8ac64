"""Published links taken back, and let lead on again: by a person, who is remembered."""

from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.staff.models import User

from .models import PublishedLink

Links = QuerySet[PublishedLink]


def withdraw(links: Links, by: User, at: datetime) -> int:
    """How many of *links* led somewhere until now."""
    leading = links.filter(withdrawn_at=None)
    return _change(leading, _("Withdrawn."), by, withdrawn_at=at, withdrawn_by=by)


def restore(links: Links, by: User) -> int:
    """How many of *links* had been withdrawn."""
    gone = links.exclude(withdrawn_at=None)
    said = _("Leads on again.")
    return _change(gone, said, by, withdrawn_at=None, withdrawn_by=None)


@transaction.atomic
def _change(links: Links, said: str, by: User, **values: object) -> int:
    """Whoever does the same at once waits, and finds it done."""
    found = list(links.order_by("pk").select_for_update(of=("self",)))
    changed = PublishedLink.objects.filter(pk__in=[one.pk for one in found])
    LogEntry.objects.log_actions(by.pk, found, CHANGE, change_message=said)
    return changed.update(**values)
