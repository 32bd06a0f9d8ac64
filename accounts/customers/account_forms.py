"""The forms of an account and of a buyer in the admin."""

from typing import Any

from django import forms
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from . import countries
from .models import Account, Buyer
from .seen import SeenForm


class AccountForm(SeenForm):
    country = forms.ChoiceField(
        label=_("Country"), required=False, widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = Account
        fields = "__all__"  # the admin's fieldsets choose

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "country" in self.fields:
            given = [("", "–"), *countries.choices()]
            if (now := self.instance.country) not in dict(given):
                given.append((now, now))  # an odd value stays to be seen, and refused
            self.fields["country"].choices = given  # type: ignore[attr-defined]

    def state_of(self, row: Account) -> str:
        """The page shows the buyers too, so their changes count."""
        newest = row.buyers.aggregate(newest=Max("updated_at"))["newest"]
        return f"{super().state_of(row)}/{newest.timestamp() if newest else ''}"


class BuyerForm(SeenForm):
    class Meta:
        model = Buyer
        fields = "__all__"
