"""The choice of a period and an as-of day, as readers make it in an address."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.journal.days import Day
from campaigns.adoption.channels import earlier
from campaigns.adoption.frames import Frame

Label = str | Promise


class FrameForm(forms.Form):
    """Reads a `Frame`; what cannot be read is left out and said."""

    since = Day(required=False, label=_("Invited from"))
    until = Day(required=False, label=_("Invited until"))
    as_of = Day(
        required=False,
        label=_("As of the end of"),
        help_text=_("Empty: now. An earlier day is read from the journal."),
    )
    campaign = forms.IntegerField(required=False, min_value=1)

    def __init__(self, data: Any, at: datetime, *, of_months: bool = False) -> None:
        """*of_months*: the days bound what is shown, not when people were invited."""
        super().__init__(data)
        if of_months:
            self.fields["since"].label, self.fields["until"].label = (
                _("From"),
                _("Until"),
            )
            del self.fields["as_of"]
        self.now = Frame(at)
        for name in {"since", "until", "as_of"} & self.fields.keys():
            self.fields[name].widget = forms.DateInput(
                attrs={"type": "date", "max": self.now.today.isoformat()},
                format="%Y-%m-%d",
            )

    def clean_as_of(self) -> date | None:
        """Today is now: only an earlier day is past."""
        as_of: date | None = self.cleaned_data["as_of"]
        return as_of if as_of and as_of < self.now.today else None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day is before the first one."))
        return given

    def frame(self) -> Frame:
        self.is_valid()
        given = self.cleaned_data
        return Frame(
            self.now.now,
            as_of=given.get("as_of"),
            since=given.get("since"),
            until=given.get("until"),
            campaign_id=given.get("campaign"),
        )


@dataclass(frozen=True, slots=True)
class Choice:
    """A period at one press."""

    label: Label
    query: str
    chosen: bool


def periods(frame: Frame, *, of_months: bool = False) -> Iterator[Choice]:
    """The usual stretches until today; the first is what no choice means."""
    stretches = _months(frame.today) if of_months else _days(frame.today)
    for label, since in stretches:
        other = Frame(frame.now, since=since, campaign_id=frame.campaign_id)
        same = (frame.since, frame.until, frame.as_of) == (since, None, None)
        yield Choice(label, other.query(), same)


Stretches = tuple[tuple[Label, date | None], ...]


def _days(today: date) -> Stretches:
    return (
        (_("All time"), None),
        (_("Last 30 days"), today - timedelta(days=29)),
        (_("Last 90 days"), today - timedelta(days=89)),
        (_("Last 365 days"), today - timedelta(days=364)),
        (_("This year"), today.replace(month=1, day=1)),
    )


def _months(today: date) -> Stretches:
    first = today.replace(day=1)
    return (
        (_("Last 12 months"), None),
        (_("Last 3 months"), earlier(first, 2)),
        (_("This year"), first.replace(month=1)),
        (_("Last 24 months"), earlier(first, 23)),
    )
