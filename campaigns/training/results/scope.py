"""Which sessions a report is about."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from campaigns.training.models import Session

#: Told of it by mail within so long before a session counts as invited to it.
TOLD_BEFORE = timedelta(days=90)
#: Within so long after it a first online order is what a session did.
WINDOW = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Scope:
    """One session, one course's, one trainer's, or all that have begun by ``at``."""

    at: datetime
    session_id: int | None = None
    course_id: int | None = None
    trainer_id: int | None = None

    def sessions(self) -> QuerySet[Session]:
        found = Session.objects.planned().filter(starts_at__lte=self.at)
        if self.session_id:
            found = found.filter(pk=self.session_id)
        if self.course_id:
            found = found.filter(course=self.course_id)
        if self.trainer_id:
            found = found.filter(trainers=self.trainer_id)
        return found.order_by("-starts_at", "-pk")

    def asked(self) -> dict[str, str]:
        """As the query string of an address."""
        values = {
            "session": self.session_id,
            "course": self.course_id,
            "trainer": self.trainer_id,
        }
        return {name: str(value) for name, value in values.items() if value}
