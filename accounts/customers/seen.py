"""Who saves a form that somebody else saved meanwhile is told, and loses nothing."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext_lazy as _


class SeenForm(forms.ModelForm[Any]):
    """Carries what the row was when the page was opened; needs a transaction.

    Saving again after the warning keeps what was typed. ``state_of`` says what of a
    row counts; by default the moment of its last change.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["seen"] = self.state_of(self.instance)

    def state_of(self, row: Any) -> str:
        return str(row.updated_at.timestamp())

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        seen = self.cleaned_data.get("seen")
        if seen and self.instance.pk and seen != (now := self._now()):
            data: Any = self.data
            self.data = data.copy()  # as many values to a name as were posted
            self.data[self.add_prefix("seen")] = now  # type: ignore[index]
            raise ValidationError(
                _(
                    "Not saved yet: somebody else changed this while you had it open. "
                    "What you typed is below; save again to keep yours."
                ),
                code="changed",
            )
        return given

    def _now(self) -> str:
        """As it stands, held against others until the transaction ends."""
        rows: Any = type(self.instance)._default_manager
        row: Model = rows.select_for_update().get(pk=self.instance.pk)
        return self.state_of(row)
