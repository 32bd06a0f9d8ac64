"""What is asked before a person is erased."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.customers import addresses

from .models import PrivacyAct


class EraseForm(forms.Form):
    """Nobody erases by a slip: who it is about is typed once more."""

    reason = forms.ChoiceField(
        label=_("Why"), choices=PrivacyAct.Reason.choices, widget=forms.RadioSelect
    )
    leave_alone = forms.BooleanField(
        label=_("Leave the address alone from now on, whoever imports it again"),
        required=False,
        initial=True,
        help_text=_(
            "Kept as a keyed hash. Who objected stays left alone in any case; who is "
            "imported again otherwise is a new person, and may be written to."
        ),
    )
    confirmation = forms.CharField(
        label=_("Type it once more"),
        strip=True,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, *args: Any, wanted: str, by_address: bool = True, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        #: What is to be typed.
        self.wanted = wanted
        if not by_address:
            del self.fields["leave_alone"]

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"]
        if addresses.key_of(typed) != addresses.key_of(self.wanted):
            raise forms.ValidationError(
                _("This is not what stands above. Nothing was erased.")
            )
        return typed
