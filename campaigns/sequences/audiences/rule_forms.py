"""The rows by which a person builds a rule, read back from any form that holds them.

Row *n* of the rule ``audience`` is posted as ``audience-n-condition``,
``audience-n-negated`` and ``audience-n-value``; n need not be dense, so that rows can
be added and taken away in the browser.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.sequences.audiences import conditions
from campaigns.sequences.audiences.conditions import Rule
from campaigns.sequences.rows import Row
from campaigns.sequences.touchpoints import Condition

#: A rule of more rows is a slip of the pen, or somebody playing with the form.
MOST_ROWS = 50

ONE_OR_NONE = [("", gettext_lazy("is one of")), ("1", gettext_lazy("is none of"))]
APPLIES_OR_NOT = [("", gettext_lazy("applies")), ("1", gettext_lazy("does not apply"))]


class RowForm(forms.Form):
    """One condition, whether it must hold or must not, and its value."""

    condition = forms.CharField(widget=forms.HiddenInput)
    negated = forms.ChoiceField(required=False)

    def __init__(self, asked: Condition, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked = asked
        value = asked.field()
        self.fields["value"] = value
        self.fields["condition"].initial = asked.slug
        self.fields["negated"] = forms.ChoiceField(
            required=False, choices=self._negations()
        )
        self._name_parts()

    def _name_parts(self) -> None:
        """A screen reader hears which condition a nameless field belongs to."""
        label = str(self.asked.label)
        self.fields["negated"].widget.attrs["aria-label"] = label
        if not self.several:  # whose boxes have labels of their own
            self.fields["value"].widget.attrs.setdefault("aria-label", label)

    def _negations(self) -> list[tuple[str, Any]]:
        if self.asked.no:
            return [("", self.asked.label), ("1", self.asked.no)]
        return APPLIES_OR_NOT if self.inline else ONE_OR_NONE

    @property
    def several(self) -> bool:
        return isinstance(self.fields["value"].widget, forms.CheckboxSelectMultiple)

    @property
    def inline(self) -> bool:
        """Whether the value is short enough to stand beside its condition."""
        large = (forms.CheckboxSelectMultiple, forms.Textarea)
        return not isinstance(self.fields["value"].widget, large)

    @property
    def value(self) -> BoundField:
        return self["value"]

    def row(self) -> Row:
        return Row(
            self.asked.slug,
            conditions.to_json(self.cleaned_data["value"]),
            self.cleaned_data["negated"] == "1",
        )


class LostRow:
    """A row that asks for something that does not exist here any more: kept, shown."""

    def __init__(self, prefix: str, slug: str, raw: str) -> None:
        self.prefix = prefix
        self.slug = slug
        self.raw = raw
        self.problem = conditions.unknown(slug)

    def is_valid(self) -> bool:
        return False


class RuleForm:
    """The rows of one rule; ``rule`` is what they say once `is_valid`."""

    def __init__(
        self,
        prefix: str,
        data: QueryDict | Mapping[str, Any] | None = None,
        rule: Rule | None = None,
    ) -> None:
        self.prefix = prefix
        self.is_bound = data is not None
        self.stored = rule or {}
        self.problems: list[str] = []
        self.rows = self._posted(data) if data is not None else self._filled_rows()

    def _posted(self, data: QueryDict | Mapping[str, Any]) -> list[RowForm | LostRow]:
        pattern = re.compile(rf"{re.escape(self.prefix)}-(\d{{1,4}})-condition")
        numbers = sorted(int(m[1]) for name in data if (m := pattern.fullmatch(name)))
        if len(numbers) > MOST_ROWS:
            self.problems.append(
                _("At most %(most)d conditions, please.") % {"most": MOST_ROWS}
            )
        return [self._row(number, data) for number in numbers[:MOST_ROWS]]

    def _row(
        self, number: int, data: QueryDict | Mapping[str, Any]
    ) -> RowForm | LostRow:
        prefix = f"{self.prefix}-{number}"
        slug = str(data.get(f"{prefix}-condition", ""))
        asked = conditions.find(slug)
        if asked is None:
            return LostRow(prefix, slug, str(data.get(f"{prefix}-raw", "")))
        return RowForm(asked, data, prefix=prefix)

    def _filled_rows(self) -> list[RowForm | LostRow]:
        try:
            lines = conditions.rows(self.stored)
        except conditions.BadRule as bad:
            self.problems += bad.problems
            return []
        return [self._filled(number, line) for number, line in enumerate(lines)]

    def _filled(self, number: int, line: Row) -> RowForm | LostRow:
        prefix = f"{self.prefix}-{number}"
        asked = conditions.find(line.condition)
        if asked is None:
            return LostRow(prefix, line.condition, json.dumps(line.value))
        initial = {"value": line.value, "negated": "1" if line.negated else ""}
        return RowForm(asked, prefix=prefix, initial=initial)

    def is_valid(self) -> bool:
        # A list, not a generator: every row shall show its own error.
        valid = [row.is_valid() for row in self.rows]
        return not self.problems and all(valid)

    @property
    def rule(self) -> dict[str, Any]:
        return conditions.make(
            row.row() for row in self.rows if isinstance(row, RowForm)
        )


def blanks() -> list[tuple[Any, list[RowForm]]]:
    """One empty row per condition on offer, to be copied by the browser."""
    return [
        (label, [RowForm(asked, prefix="__rule__-__row__") for asked in members])
        for label, members in conditions.groups()
    ]
