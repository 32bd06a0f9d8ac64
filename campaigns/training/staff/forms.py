"""The forms by which marketing plans sessions and books seats."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from accounts.customers import zones
from accounts.staff.models import Role, User
from campaigns.training.models import Course, Pool, Session
from campaigns.training.seats import preferring as seats

#: A list longer than that belongs into a campaign.
MOST_PEOPLE = 200
#: A rule that runs longer than this is a slip of the finger.
LONGEST_SERIES = timedelta(days=400)

DAYS = [(str(number), name) for number, name in WEEKDAYS.items()]


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


#: Beyond them a year is a slip of the finger, and some calendars end.
EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)


def validate_day(day: date) -> None:
    if not EARLIEST <= day <= LATEST:
        text = _("Give a day between the years %(first)d and %(last)d.")
        years = {"first": EARLIEST.year, "last": LATEST.year}
        raise ValidationError(text, params=years)


class HourInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class AddPeopleForm(forms.Form):
    people = forms.CharField(
        label=_("Who?"),
        help_text=_(
            "One e-mail address or customer number per line. A customer number books "
            "the account's only buyer."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=20_000,
    )
    for_rep = forms.BooleanField(
        label=_("A sales rep asked for it"), required=False, initial=False
    )
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def clean_people(self) -> list[str]:
        typed = self.cleaned_data["people"].replace(",", "\n").replace(";", "\n")
        found = [line.strip() for line in typed.splitlines() if line.strip()]
        found = list(dict.fromkeys(found))
        if len(found) > MOST_PEOPLE:
            text = _("At most %(most)d people at once. Invite more by a campaign.")
            raise ValidationError(text, params={"most": MOST_PEOPLE})
        return found


class WhenForm(forms.Form):
    """Day, hour, length and zone: what `changes.reschedule` takes."""

    day = forms.DateField(label=_("Day"), widget=DayInput, validators=[validate_day])
    hour = forms.TimeField(label=_("Begins at"), widget=HourInput)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=1440)
    zone = forms.CharField(
        label=_("Time zone"), max_length=64, validators=[zones.validate_zone]
    )
    place = forms.CharField(label=_("Place"), max_length=200, required=False)


class CopyForm(forms.Form):
    day = forms.DateField(label=_("Day"), widget=DayInput, validators=[validate_day])
    hour = forms.TimeField(label=_("Begins at"), widget=HourInput)


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Why?"),
        max_length=200,
        required=False,
        help_text=_("Those who booked read it."),
    )


class PriorityForm(forms.Form):
    """Who is served before others must be told why."""

    priority = forms.IntegerField(
        label=_("Priority"), min_value=seats.LOWEST, max_value=seats.HIGHEST
    )
    reason = forms.CharField(
        label=_("Why?"),
        max_length=200,
        error_messages={
            "required": _("Say why others are to be served later or earlier.")
        },
    )


class PoolForm(forms.Form):
    pool = forms.ModelChoiceField(
        label=_("Shared pool of seats"),
        queryset=Pool.objects.all(),
        required=False,
        empty_label=_("None: only its own seats"),
    )


class CapacityForm(forms.Form):
    capacity = forms.IntegerField(label=_("Seats"), min_value=0, max_value=10_000)


class SessionForm(forms.ModelForm[Session]):
    """All of a new session; of one that exists, what may change without notice."""

    class Meta:
        model = Session
        fields = (
            *("course", "kind", "day", "hour", "minutes", "zone"),
            *("place", "map_url", "directions", "account", "join_url", "trainers"),
            *("capacity", "pool", "seats_per_account", "has_waiting_list"),
            *("bookable_from", "bookable_until", "cancel_hours", "claim_hours"),
            *("recording_url", "watched_counts", "cost", "currency"),
        )
        widgets = {
            "day": DayInput,
            "hour": HourInput,
            "bookable_from": MomentInput,
            "bookable_until": MomentInput,
            "directions": forms.Textarea(attrs={"rows": 3}),
            "trainers": forms.CheckboxSelectMultiple,
            "account": forms.NumberInput,
        }

    map_url = forms.URLField(
        label=_("Map"), required=False, max_length=500, assume_scheme="https"
    )
    join_url = forms.URLField(
        label=_("Address of the meeting"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("May change until it starts: invitations hold an address of ours."),
    )
    recording_url = forms.URLField(
        label=_("Recording"), required=False, max_length=500, assume_scheme="https"
    )

    #: Through `training.seats` and `training.changes`, once somebody may have booked.
    FIXED = ("course", "kind", "day", "hour", "minutes", "zone", "capacity", "pool")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        teachers = User.objects.filter(is_active=True).exclude(role=Role.ANALYST)
        self.fields["trainers"].queryset = teachers  # type: ignore[attr-defined]
        courses = Course.objects.filter(active=True)
        self.fields["course"].queryset = courses  # type: ignore[attr-defined]
        self.fields["day"].validators.append(validate_day)
        if self.instance.pk:
            for name in self.FIXED:
                del self.fields[name]


class SeriesForm(forms.Form):
    weekdays = forms.TypedMultipleChoiceField(
        label=_("On"),
        choices=DAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )
    every_weeks = forms.IntegerField(
        label=_("Every so many weeks"), min_value=1, max_value=12, initial=1
    )
    first_day = forms.DateField(
        label=_("From"), widget=DayInput, validators=[validate_day]
    )
    last_day = forms.DateField(
        label=_("Until"), widget=DayInput, validators=[validate_day]
    )
    skip_holidays = forms.BooleanField(
        label=_("Not on public holidays"), required=False, initial=True
    )

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        first: date | None = given.get("first_day")
        last: date | None = given.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day lies before the first."))
        if first and last and last - first > LONGEST_SERIES:
            self.add_error("last_day", _("A series runs for at most thirteen months."))
        return given
