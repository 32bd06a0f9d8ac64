"""What customers fill in on training's pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.customers import lines
from accounts.customers.barriers import Barrier

from .models import Feedback, Session

#: More at once is a matter for a call.
MOST_SEATS = 10
#: What still stops her, in her own words rather than in ours.
STOPS = (
    ("", _("Nothing: I will order online")),
    (Barrier.WRONG_TOOL, _("The store does not do what my business needs")),
    (Barrier.DISTRUST, _("I am not sure that prices and stock there are right")),
    (Barrier.RESISTANCE, _("My contact person prefers my calls")),
    (Barrier.NO_GOAL, _("I see no reason to change")),
    (Barrier.COMMUNICATION, _("I would need more help or time")),
)


class BookingForm(forms.Form):
    """Seats for herself and colleagues, who need no more than a name, or not even."""

    seats = forms.IntegerField(
        label=_("How many seats?"), min_value=1, max_value=MOST_SEATS, initial=1
    )
    names = forms.CharField(
        label=_("Who comes with you?"),
        help_text=_("One name per line. You may also leave it empty."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    myself = forms.BooleanField(
        label=_("One of the seats is for me"), required=False, initial=True
    )
    #: Drawn with the page, so that pressing twice books once.
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, session: Session, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        most = min(session.seats_per_account or MOST_SEATS, MOST_SEATS)
        self.most = min(most, session.capacity)
        field = self.fields["seats"]
        field.max_value = self.most  # type: ignore[attr-defined]
        field.widget.attrs["max"] = self.most

    def clean_names(self) -> list[str]:
        found = [lines.tidy(name) for name in self.cleaned_data["names"].splitlines()]
        names = [name for name in found if name]
        for name in names:
            if len(name) > 100:
                raise ValidationError(_("A name has at most 100 characters."))
            lines.validate_name(name)
        return names

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        seats, names = given.get("seats"), given.get("names")
        if seats is not None and names is not None:
            others = seats - bool(given.get("myself"))
            if len(names) > others:
                text = _("There are more names than seats for colleagues.")
                self.add_error("names", text)
        return given


class FeedbackForm(forms.ModelForm[Feedback]):
    rating = forms.TypedChoiceField(
        label=_("How useful was the session?"),
        choices=[(str(n), str(n)) for n in range(1, 6)],
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one of the five.")},
    )
    barrier = forms.ChoiceField(
        label=_("What still stops you from ordering online?"),
        choices=STOPS,
        required=False,
        widget=forms.RadioSelect,
    )

    class Meta:
        model = Feedback
        fields = ("rating", "answer", "barrier")
        labels = {"answer": _("What would have helped you even more?")}
        widgets = {"answer": forms.Textarea(attrs={"rows": 4})}
