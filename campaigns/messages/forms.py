"""The forms behind the message editor and the brand page."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminColorInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldBooleanWidget,
)

from accounts.customers.seen import SeenForm

from . import logos
from .models import LANGUAGES, Brand, Message, MessageText

FIELDS = ("subject", "preheader", "body")


class MessageForm(SeenForm):
    class Meta:
        model = Message
        fields = ("name", "purpose", "topic", "brand")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["name"] = str(self.instance)
        # Not said means the model's default: a service message needs none.
        self.fields["topic"].required = False


class TextForm(forms.ModelForm[MessageText]):
    """One language; left empty altogether, the language is not written."""

    class Meta:
        model = MessageText
        fields = FIELDS
        widgets = {
            "subject": forms.TextInput(attrs={"class": "ob-wide", "lang": ""}),
            "preheader": forms.TextInput(attrs={"class": "ob-wide"}),
            "body": forms.Textarea(attrs={"class": "ob-wide", "rows": 22}),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, field in self.fields.items():
            field.widget.attrs["data-source"] = name
            # Problems are told beside the preview; the browser need not stop a draft.
            field.required = False
        self.fields["body"].strip = False  # type: ignore[attr-defined]

    @property
    def is_empty(self) -> bool:
        data = getattr(self, "cleaned_data", {})
        return not any((data.get(name) or "").strip() for name in FIELDS)


class Editor:
    """The message and all its languages as one form."""

    def __init__(self, message: Message, data: Mapping[str, Any] | None = None) -> None:
        self.message = message
        self.form = MessageForm(data, instance=message)
        written = {text.language: text for text in self._texts()}
        self.texts: dict[str, TextForm] = {
            code: TextForm(
                data,
                instance=written.get(code, MessageText(language=code)),
                prefix=code,
            )
            for code, _name in LANGUAGES
        }

    def _texts(self) -> list[MessageText]:
        return list(self.message.texts.all()) if self.message.pk else []

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *(f.is_valid() for f in self.texts.values())])

    @transaction.atomic
    def save(self) -> Message:
        message: Message = self.form.save()
        for form in self.texts.values():
            if form.is_empty:
                if form.instance.pk:
                    form.instance.delete()
                continue
            form.instance.message = message
            form.save()
        return message


class BrandForm(forms.ModelForm[Brand]):
    languages = forms.MultipleChoiceField(
        label=_("Languages"),
        choices=LANGUAGES,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Every message must be written in each of them."),
    )
    upload = forms.FileField(
        label=_("Logo"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("PNG, JPEG or GIF, at most 200 kB. Mails show it 48 points high."),
    )
    remove_logo = forms.BooleanField(
        label=_("Remove the logo"), required=False, widget=UnfoldBooleanWidget
    )

    class Meta:
        model = Brand
        fields = (
            "name",
            "sender_name",
            "sender_email",
            "reply_to",
            "postal_address",
            "colour",
            "store_name",
            "languages",
            "is_default",
        )
        widgets = {"colour": UnfoldAdminColorInputWidget}

    def _get_validation_exclusions(self) -> set[str]:
        # Only one brand may be the default: saving takes it from the other one.
        return {*super()._get_validation_exclusions(), "is_default"}  # type: ignore[misc]

    def clean_upload(self) -> Any:
        upload = self.cleaned_data.get("upload")
        if upload:
            if upload.size > logos.SIZE_LIMIT:
                raise ValidationError(
                    _("The logo is larger than 200 kB. Save it smaller."), code="large"
                )
            content = upload.read()
            kind, _width, _height = logos.inspect(content)
            self.instance.logo, self.instance.logo_type = content, kind
        return upload

    def save(self, commit: bool = True) -> Brand:
        if self.cleaned_data.get("remove_logo"):
            self.instance.logo, self.instance.logo_type = None, ""
        return super().save(commit)
