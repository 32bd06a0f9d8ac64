"""What a report is asked about: whose, invited when, and as of when."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from django.utils.http import urlencode
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext_lazy as _

ONE_MOMENT = timedelta(microseconds=1)


class Unit(StrEnum):
    """Whether people or companies are counted."""

    BUYER = "buyer"
    ACCOUNT = "account"

    @property
    def label(self) -> str:
        return str(UNIT_LABELS[self])


UNIT_LABELS = {Unit.BUYER: _("Buyers"), Unit.ACCOUNT: _("Accounts")}


@dataclass(frozen=True, slots=True)
class Frame:
    """Buyers or accounts, invited between two days, as they stood at an instant.

    ``now`` is the instant the report is made. ``as_of`` is an earlier day, whose end
    counts; None means now. ``since`` and ``until`` are days in the installation's
    zone, both included. ``campaign_id`` keeps to the members of one campaign.
    """

    now: datetime
    as_of: date | None = None
    since: date | None = None
    until: date | None = None
    campaign_id: int | None = None

    @property
    def past(self) -> bool:
        return self.as_of is not None

    @property
    def at(self) -> datetime:
        """The instant whose state is reported."""
        if self.as_of is None:
            return self.now
        return min(self.now, midnight_after(self.as_of) - ONE_MOMENT)

    @property
    def today(self) -> date:
        return self.now.astimezone(get_default_timezone()).date()

    @property
    def start(self) -> datetime | None:
        """Invited at this instant or later."""
        return midnight(self.since) if self.since else None

    @property
    def end(self) -> datetime | None:
        """Invited before this instant."""
        return midnight_after(self.until) if self.until else None

    def narrowed(self, campaign_id: int | None) -> "Frame":
        return replace(self, campaign_id=campaign_id)

    def asked(self) -> Mapping[str, str]:
        """The frame as the query string of an address; empty for "all, now"."""
        values = {
            "since": self.since,
            "until": self.until,
            "as_of": self.as_of,
            "campaign": self.campaign_id,
        }
        return {name: str(value) for name, value in values.items() if value}

    def query(self, **more: str) -> str:
        return urlencode({**self.asked(), **more})


def midnight(day: date) -> datetime:
    """The first instant of a day in the installation's zone, in UTC."""
    return datetime.combine(day, time.min, get_default_timezone()).astimezone(UTC)


def midnight_after(day: date) -> datetime:
    return midnight(day + timedelta(days=1))
