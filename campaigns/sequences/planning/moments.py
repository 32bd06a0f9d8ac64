"""How a step's distance from a moment is entered and read: "2 hours before …"."""

from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from campaigns.sequences import touchpoints
from campaigns.sequences.models import Step
from campaigns.sequences.touchpoints import PlannedStep

Choices = list[tuple[str, str | Promise]]

#: By how many minutes one of the unit is; before is less than 0.
UNITS: Choices = [
    ("-1", _("minutes before")),
    ("-60", _("hours before")),
    ("-1440", _("days before")),
    ("1", _("minutes after")),
    ("60", _("hours after")),
    ("1440", _("days after")),
]
_SIZES = (1440, 60, 1)
MOST = 365


def anchors() -> Choices:
    """What steps may be reckoned from, the step before first."""
    known = touchpoints.anchors().values()
    return [("", _("the step before")), *((one.slug, one.label) for one in known)]


def entries() -> Choices:
    known = touchpoints.entries().values()
    first = ("", _("The audience below, once, when it is started"))
    return [first, *((one.slug, one.label) for one in known)]


@dataclass(frozen=True, slots=True)
class Distance:
    amount: int
    unit: str

    @property
    def minutes(self) -> int:
        return self.amount * int(self.unit)


def split(minutes: int) -> Distance:
    """The same in the largest unit that makes a whole number of it."""
    size = next(size for size in _SIZES if minutes % size == 0)
    return Distance(abs(minutes) // size, str(-size if minutes < 0 else size))


def describe(step: Step | PlannedStep) -> str:
    """ "1 day before the start of the booked session"."""
    anchor = touchpoints.anchors().get(step.anchor)
    moment = anchor.label if anchor else step.anchor
    distance = split(step.anchor_minutes)
    if not distance.amount:
        return _("at %(moment)s") % {"moment": moment}
    return _sentence(distance) % {"n": distance.amount, "moment": moment}


def far(minutes: int) -> str:
    """ "2 hours before": how far, without from what."""
    distance = split(minutes)
    return f"{distance.amount} {dict(UNITS)[distance.unit]}"


def _sentence(distance: Distance) -> str:
    n = distance.amount
    sentences = {
        "-1": ngettext(
            "%(n)d minute before %(moment)s", "%(n)d minutes before %(moment)s", n
        ),
        "-60": ngettext(
            "%(n)d hour before %(moment)s", "%(n)d hours before %(moment)s", n
        ),
        "-1440": ngettext(
            "%(n)d day before %(moment)s", "%(n)d days before %(moment)s", n
        ),
        "1": ngettext(
            "%(n)d minute after %(moment)s", "%(n)d minutes after %(moment)s", n
        ),
        "60": ngettext(
            "%(n)d hour after %(moment)s", "%(n)d hours after %(moment)s", n
        ),
        "1440": ngettext(
            "%(n)d day after %(moment)s", "%(n)d days after %(moment)s", n
        ),
    }
    return sentences[distance.unit]


class AnchorForm(forms.Form):
    """The three fields of a step that say what it is reckoned from."""

    anchor = forms.ChoiceField(
        label=_("Reckoned from"),
        choices=anchors,
        required=False,
        help_text=_(
            "From the step before: by days and the hour. From a moment of the buyer’s "
            "own: exactly so long before or after it, whatever the day and the hour."
        ),
    )
    amount = forms.IntegerField(
        label=_("How far from it"),
        required=False,
        min_value=0,
        max_value=MOST,
        initial=1,
        widget=forms.NumberInput(attrs={"class": "ob-short"}),
    )
    unit = forms.ChoiceField(
        label=_("Before or after"), choices=UNITS, required=False, initial="-1440"
    )

    def has_changed(self) -> bool:
        """How far matters only from something."""
        anchored = "anchor" in self.changed_data or bool(self.initial.get("anchor"))
        return anchored and super().has_changed()

    def read(self, step: Step) -> None:
        """Put what was entered into *step*."""
        said = self.cleaned_data
        step.anchor = said.get("anchor") or ""
        distance = Distance(said.get("amount") or 0, said.get("unit") or "1")
        step.anchor_minutes = distance.minutes if step.anchor else 0


def form_for(prefix: str, step: Step, data: object = None) -> AnchorForm:
    initial: dict[str, object] = {"anchor": step.anchor}
    if step.anchor:
        distance = split(step.anchor_minutes)
        initial |= {"amount": distance.amount, "unit": distance.unit}
    return AnchorForm(data, prefix=prefix, initial=initial)  # type: ignore[arg-type]
