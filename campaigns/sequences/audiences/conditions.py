"""What an audience or a step can ask of a buyer, and the rules made of it.

A rule is what a campaign or a step stores:
``{"all": [{"condition": slug, "value": …, "not": false}, …]}``. An empty rule asks
nothing. Values are plain JSON, as `to_json` makes them of what the condition's form
field returned; a condition's ``q`` gets that JSON value back.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from campaigns.sequences import touchpoints
from campaigns.sequences.audiences import core_conditions
from campaigns.sequences.rows import Row
from campaigns.sequences.touchpoints import Condition

Rule = Mapping[str, Any]


class BadRule(ValueError):
    """A rule that cannot be evaluated; ``problems`` are sentences for a person."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@cache
def groups() -> tuple[tuple[str | Promise, tuple[Condition, ...]], ...]:
    """Every condition on offer, core ones first, under the heads a person reads."""
    from_touchpoints = (
        (touchpoint.label, tuple(touchpoint.conditions))
        for touchpoint in touchpoints.installed()
        if touchpoint.conditions
    )
    return (*core_conditions.GROUPS, *from_touchpoints)


def all() -> list[Condition]:  # noqa: A001 - reads `conditions.all()`
    return [condition for _label, members in groups() for condition in members]


def find(slug: str) -> Condition | None:
    return _by_slug().get(slug)


@cache
def _by_slug() -> dict[str, Condition]:
    return {condition.slug: condition for condition in all()}


def rows(rule: Rule) -> list[Row]:
    """The lines of *rule*; raises `BadRule` for anything of another shape."""
    lines = rule.get("all", []) if isinstance(rule, Mapping) else None
    if not isinstance(lines, list) or (rule and set(rule) != {"all"}):
        raise BadRule([_("The conditions are not stored in a readable form.")])
    return [_row(line) for line in lines]


def _row(line: object) -> Row:
    if not isinstance(line, Mapping) or not isinstance(line.get("condition"), str):
        raise BadRule([_("The conditions are not stored in a readable form.")])
    return Row(line["condition"], line.get("value"), bool(line.get("not", False)))


def make(lines: Iterable[Row]) -> dict[str, Any]:
    """The rule that asks all of *lines*; of none: the empty rule."""
    stored = [line.as_json() for line in lines]
    return {"all": stored} if stored else {}


def q(rule: Rule, at: datetime) -> Q:
    """What *rule* asks of a `Buyer` at *at*. No query of its own.

    Values are taken as stored, not checked against today's choices: a country that
    no account has any more matches nobody and breaks nothing.
    """
    asked = Q()
    for line in rows(rule):
        asked &= _test(line, at)
    return asked


def _test(line: Row, at: datetime) -> Q:
    condition = find(line.condition)
    if condition is None:
        raise BadRule([unknown(line.condition)])
    try:
        test = condition.q(line.value, at)
    except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise BadRule([unreadable(condition)]) from error
    return ~test if line.negated else test


def problems(rule: Rule) -> list[str]:
    """What keeps *rule* from being used, for a person; empty when all is well."""
    try:
        lines = rows(rule)
    except BadRule as bad:
        return bad.problems
    return [problem for line in lines if (problem := _problem(line))]


def _problem(line: Row) -> str:
    condition = find(line.condition)
    if condition is None:
        return unknown(line.condition)
    try:
        condition.field().clean(line.value)
    except Exception as error:  # noqa: BLE001 - a stored value can be of any type
        detail = " ".join(getattr(error, "messages", [])) or str(error)
        return _("“%(condition)s”: %(problem)s") % {
            "condition": condition.label,
            "problem": detail,
        }
    return ""


def unknown(slug: str) -> str:
    return _("The condition “%(condition)s” does not exist here any more.") % {
        "condition": slug
    }


def unreadable(condition: Condition) -> str:
    return _("“%(condition)s” has a value that cannot be read.") % {
        "condition": condition.label
    }


def describe(rule: Rule) -> list[str]:
    """*rule* as a person would read it, one line per condition."""
    try:
        return [_describe(line) for line in rows(rule)]
    except BadRule as bad:
        return bad.problems


def _describe(line: Row) -> str:
    condition = find(line.condition)
    if condition is None:
        return unknown(line.condition)
    if condition.no:
        return str(condition.no if line.negated else condition.label)
    text = (
        _("%(condition)s: not %(value)s")
        if line.negated
        else _("%(condition)s: %(value)s")
    )
    return text % {"condition": condition.label, "value": _shown(condition, line.value)}


def _shown(condition: Condition, value: Any) -> str:
    field = condition.field()
    if isinstance(field, forms.DateField):
        return _shown_day(value)
    choices = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    values = value if isinstance(value, list) else [value]
    named = [choices.get(str(one), str(one)) for one in values]
    if len(named) > MOST_NAMED:
        return _("%(first)s and %(more)s more") % {
            "first": ", ".join(named[:MOST_NAMED]),
            "more": len(named) - MOST_NAMED,
        }
    return ", ".join(named)


def _shown_day(value: Any) -> str:
    try:
        return date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")
    except (TypeError, ValueError):
        return str(value)  # as stored: `problems` says what is wrong with it


#: Of a long list of values a description names so many.
MOST_NAMED = 8


def to_json(value: Any) -> Any:
    """What a form field returned, as it is stored."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value
