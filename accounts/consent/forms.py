"""What staff enter about consent by hand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from accounts.customers import addresses, problems

from .models import Choice, Suppression
from .topics import Frequency, Topic


class ChoiceForm(forms.ModelForm[Choice]):
    """A choice that a buyer told somebody: on the phone, at a fair, by letter."""

    state = forms.ChoiceField(
        label=_("What she chose"),
        choices=Choice.State.choices,
        widget=UnfoldAdminRadioSelectWidget,
    )
    source = forms.CharField(
        label=_("How we know"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Such as: rang us on Monday; form at the spring fair, page 3."),
    )
    wording = forms.CharField(
        label=_("In which words"),
        widget=UnfoldAdminTextareaWidget,
        help_text=_("What she said, or the sentence that she ticked or signed."),
    )

    class Meta:
        model = Choice
        fields = ("buyer", "state", "source", "wording")


class SuppressForm(forms.ModelForm[Suppression]):
    """An address that somebody wants left alone; only its keyed hash is kept."""

    address = forms.CharField(
        label=_("E-mail address"),
        widget=UnfoldAdminEmailInputWidget,
        help_text=_("It is not stored, only a keyed hash of it."),
    )
    scope = forms.ChoiceField(
        label=_("What is held back"),
        choices=Suppression.Scope.choices,
        widget=UnfoldAdminSelectWidget,
    )
    source = forms.CharField(
        label=_("Why"), max_length=200, widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        model = Suppression
        fields = ("scope", "source")

    def clean_address(self) -> bytes:
        try:
            return addresses.check(self.cleaned_data["address"]).hash
        except addresses.BadAddress as bad:
            raise forms.ValidationError(str(problems.sentence(bad.code))) from None


class ListForm(forms.Form):
    """A list of addresses to leave alone, from elsewhere."""

    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_(
            "CSV or Excel with a header. First column: the address, or its hash from "
            "an exported list; the second may say “marketing” or “all”."
        ),
    )
    scope = forms.ChoiceField(
        label=_("What is held back"),
        choices=Suppression.Scope.choices,
        widget=UnfoldAdminSelectWidget,
        help_text=_("For lines that do not say it themselves."),
    )


class LiftForm(forms.ModelForm[Suppression]):
    lift_reason = forms.CharField(
        label=_("Reason for lifting"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_(
            "As soon as you save, messages may go to this address again. The reason is "
            "kept with your name."
        ),
    )

    class Meta:
        model = Suppression
        fields = ("lift_reason",)

    def clean_lift_reason(self) -> Any:
        return self.cleaned_data["lift_reason"].strip()


class PreferencesForm(forms.Form):
    """What a buyer ticked on her own page."""

    topics = forms.MultipleChoiceField(choices=Topic.choices, required=False)
    frequency = forms.TypedChoiceField(choices=Frequency.choices, coerce=int)
    tracking = forms.BooleanField(required=False)
