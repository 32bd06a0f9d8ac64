"""Published links taken back, and let lead on again: by a person, who is remembered."""

from datetime import datetime

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.staff.models import User

from .models import PublishedLink

Links = QuerySet[PublishedLink]

#: What the history keeps, and what it says: whoever reads it may speak another
#: language than who did it.
WITHDRAWN, RESTORED = "link.withdrawn", "link.restored"
SAID = {WITHDRAWN: _("Withdrawn."), RESTORED: _("Leads on again.")}


def withdraw(links: Links, by: User, at: datetime) -> int:
    """How many of *links* led somewhere until now."""
    leading = links.filter(withdrawn_at=None)
    return _change(leading, WITHDRAWN, by, withdrawn_at=at, withdrawn_by=by)


def restore(links: Links, by: User) -> int:
    """How many of *links* had been withdrawn."""
    gone = links.exclude(withdrawn_at=None)
    return _change(gone, RESTORED, by, withdrawn_at=None, withdrawn_by=None)


def say(entry: LogEntry) -> LogEntry:
    """In the reader's language; what was kept as words stays as it is."""
    entry.change_message = str(SAID.get(entry.change_message, entry.change_message))
    return entry


@transaction.atomic
def _change(links: Links, deed: str, by: User, **values: object) -> int:
    """Whoever does the same at once waits, and finds it done."""
    found = list(links.order_by("pk").select_for_update(of=("self",)))
    changed = PublishedLink.objects.filter(pk__in=[one.pk for one in found])
    LogEntry.objects.log_actions(by.pk, found, CHANGE, change_message=deed)
    return changed.update(**values)
