"""The forms of the import's pages."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.staff.models import Role, User

from . import jobs
from .lifecycle import Declared
from .models import CustomerImport
from .readers import Layout
from .readers.encodings import CHOICES

Basis = CustomerImport.LegalBasis


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("What is in the file?"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("File"),
        allow_empty_file=True,  # said in our words, with every other fault of a file
        help_text=_("CSV, TXT or XLSX, up to 20 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = [(kind.slug, kind.label) for kind in jobs.kinds()]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["kind"].initial = kinds[0][0]


class MatchForm(forms.Form):
    """A field for each column of the file, the options of its kind, the grounds."""

    basis = forms.ChoiceField(
        label=_("Legal basis"),
        choices=Basis.choices,
        widget=forms.RadioSelect,
        help_text=_("On what grounds may the people in this file be written to?"),
    )
    consent_source = forms.CharField(
        label=_("Where they agreed"),
        max_length=200,
        required=False,
        help_text=_("Such as: form on our website, trade fair in Bilbao"),
    )
    consent_date = forms.DateField(
        label=_("When they agreed"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, batch: CustomerImport, data: Any = None) -> None:
        self.batch = batch
        self.kind = jobs.kind(batch.kind)
        super().__init__(data, initial=_as_found(batch))
        matched = {index: slug for slug, index in batch.mapping.items()}
        choices: list[tuple[str, Any]] = [("", _("– not used –"))]
        choices += [(field.slug, field.label) for field in self.kind.fields]
        for index in range(len(batch.header)):
            self.fields[f"column-{index}"] = forms.ChoiceField(
                label=batch.header[index] or _("Column %(n)d") % {"n": index + 1},
                choices=choices,
                required=False,
                initial=matched.get(index, ""),
            )
        for option in self.kind.options:
            self.fields[f"option-{option.slug}"] = option.field()
        if not self.kind.declares_basis:
            for name in ("basis", "consent_source", "consent_date"):
                del self.fields[name]

    def columns(self) -> Iterator[dict[str, Any]]:
        """Each column with its first values, for the table of the page."""
        for index, name in enumerate(self.batch.header):
            yield {
                "name": name,
                "field": self[f"column-{index}"],
                "samples": list(_first_values(self.batch.samples, index)),
            }

    def options(self) -> list[forms.BoundField]:
        return [self[f"option-{option.slug}"] for option in self.kind.options]

    @property
    def mapping(self) -> dict[str, int]:
        return {
            slug: index
            for index in range(len(self.batch.header))
            if (slug := self.cleaned_data.get(f"column-{index}"))
        }

    @property
    def chosen(self) -> dict[str, Any]:
        return {
            option.slug: self.cleaned_data[f"option-{option.slug}"]
            for option in self.kind.options
        }

    @property
    def declared(self) -> Declared:
        given = self.cleaned_data
        if given.get("basis") != Basis.CONSENT:
            return Declared(given.get("basis", ""))
        return Declared(Basis.CONSENT, given["consent_source"], given["consent_date"])

    def clean(self) -> dict[str, Any]:
        self._check_columns()
        self._check_consent()
        return self.cleaned_data

    def _check_columns(self) -> None:
        chosen = [
            slug
            for index in range(len(self.batch.header))
            if (slug := self.cleaned_data.get(f"column-{index}"))
        ]
        labels = {field.slug: field.label for field in self.kind.fields}
        for slug in sorted(self.kind.required - set(chosen)):
            text = _("Choose the column that holds: %(field)s.")
            raise ValidationError(text, params={"field": labels[slug]})
        for slug in chosen:
            if chosen.count(slug) > 1:
                text = _("Two columns are matched to: %(field)s.")
                raise ValidationError(text, params={"field": labels[slug]})

    def _check_consent(self) -> None:
        if self.cleaned_data.get("basis") != Basis.CONSENT:
            return
        for name in ("consent_source", "consent_date"):
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, _("Consent needs its source and its date."))


class LayoutForm(forms.Form):
    """How the file is to be read, where the guess was wrong."""

    encoding = forms.ChoiceField(label=_("Encoding"))
    separator = forms.ChoiceField(
        label=_("Columns are separated by"),
        choices=[
            (";", _("semicolon ;")),
            (",", _("comma ,")),
            ("\t", _("tab")),
            ("|", _("bar |")),
        ],
    )
    sheet = forms.CharField(label=_("Sheet"), max_length=100, required=False)

    def __init__(self, batch: CustomerImport, data: Any = None) -> None:
        self.is_workbook = Layout(batch.encoding).is_workbook
        initial = {
            "encoding": batch.encoding,
            "separator": batch.delimiter,
            "sheet": batch.sheet,
        }
        super().__init__(data, initial=initial)
        labels = [(name, _NAMES[name]) for name in CHOICES]
        self.fields["encoding"].choices = labels  # type: ignore[attr-defined]
        unused = ("encoding", "separator") if self.is_workbook else ("sheet",)
        for name in unused:
            del self.fields[name]

    @property
    def layout(self) -> Layout:
        given: Mapping[str, str] = self.cleaned_data
        if self.is_workbook:
            return Layout("xlsx", sheet=given["sheet"])
        return Layout(given["encoding"], given["separator"])


_NAMES = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "cp1252": "Windows-1252",
    "iso8859-15": "ISO 8859-15",
    "cp850": "DOS 850",
}


class RepForm(forms.Form):
    """Whom a rep's code means."""

    code = forms.CharField(widget=forms.HiddenInput, max_length=60)
    user = forms.ModelChoiceField(
        label=_("Sales rep"),
        queryset=User.objects.filter(is_active=True).exclude(role=Role.ANALYST),
    )


def _as_found(batch: CustomerImport) -> dict[str, Any]:
    options = {f"option-{slug}": value for slug, value in batch.options.items()}
    return {
        **options,
        "basis": batch.legal_basis,
        "consent_source": batch.consent_source,
        "consent_date": batch.consent_date,
    }


def _first_values(samples: Sequence[Sequence[str]], index: int) -> Iterator[str]:
    """The first three different values of a column that are not blank."""
    seen: set[str] = set()
    for row in samples:
        value = row[index].strip() if index < len(row) else ""
        if value and value not in seen:
            seen.add(value)
            yield value[:60]
            if len(seen) == 3:
                return
