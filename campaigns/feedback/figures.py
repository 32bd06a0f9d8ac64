"""What people and machines did with a campaign's messages, as far as it was measured.

Messages are counted, not fetches: one that a person opened counts for people however
many machines did too, and for machines only where no person is in sight.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.consent.topics import TRACKING
from accounts.customers.models import Buyer
from campaigns.sequences.models import Campaign, Delivery

from .summing import LINE


class What(StrEnum):
    MEASURED = "measured"
    OPENED = "opened"
    OPENED_BY_MACHINES = "opened_by_machines"
    CLICKED = "clicked"
    CLICKED_BY_MACHINES = "clicked_by_machines"


LABELS: dict[What, str | Promise] = {
    What.MEASURED: _("Measured"),
    What.OPENED: _("Opened by people"),
    What.OPENED_BY_MACHINES: _("Opened by machines only"),
    What.CLICKED: _("Clicked by people"),
    What.CLICKED_BY_MACHINES: _("Clicked by machines only"),
}


@dataclass(frozen=True, slots=True)
class Counts:
    """Messages; ``sent`` are all that went out, the others are among ``measured``."""

    sent: int = 0
    measured: int = 0
    opened: int = 0
    opened_by_machines: int = 0
    clicked: int = 0
    clicked_by_machines: int = 0

    def of(self, what: What) -> int:
        number: int = getattr(self, what.value)
        return number


# One row of each message, and one more of each that is measured: `summing` keeps what
# its reports say.
_COUNT = """
    SELECT delivery.step_id, count(*), count(measured.delivery_id),
           count(*) FILTER (WHERE measured.opened < %(line)s),
           count(*) FILTER (WHERE measured.opened >= %(line)s),
           count(*) FILTER (WHERE measured.clicked < %(line)s),
           count(*) FILTER (WHERE measured.clicked >= %(line)s)
    FROM sequences_delivery AS delivery
    LEFT JOIN sequences_measureddelivery AS measured
      ON measured.delivery_id = delivery.id
    WHERE delivery.campaign_id = %(campaign)s AND delivery.state = 'sent'
    GROUP BY delivery.step_id
"""


def by_step(campaign: Campaign) -> dict[int, Counts]:
    """Step → its counts, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"campaign": campaign.pk, "line": LINE})
        return {step: Counts(*numbers) for step, *numbers in cursor.fetchall()}


def total(parts: Iterable[Counts]) -> Counts:
    found = list(parts)
    return Counts(
        *(sum(getattr(one, each.name) for one in found) for each in fields(Counts))
    )


def willing(campaign: Campaign) -> dict[str, int]:
    """How many people the campaign has, and how many of them agreed to be measured."""
    people = Buyer.objects.filter(
        Exists(campaign.enrolments.filter(buyer=OuterRef("pk")))
    )
    agreed = Q(permissions__topic=TRACKING, permissions__allowed=True)
    return people.aggregate(
        people=Count("pk", distinct=True),
        agreed=Count("pk", filter=agreed, distinct=True),
    )


def names(campaign: Campaign, what: What) -> QuerySet[Delivery]:
    """The messages behind one of the numbers."""
    rows = campaign.deliveries.filter(state=Delivery.State.SENT, measured__isnull=False)
    if what is What.MEASURED:
        return rows
    column = "clicked" if what.startswith("clicked") else "opened"
    by = "lt" if what in {What.OPENED, What.CLICKED} else "gte"
    return rows.filter(**{f"measured__{column}__{by}": LINE})
