"""What was changed in a running campaign, in the reader's language: from the data that
its history keeps (`revision`)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from typing import Any

from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from campaigns.sequences.audiences import conditions
from campaigns.sequences.models import CampaignAct, Step
from campaigns.sequences.planning import moments

Details = Mapping[str, Any]


def describe(details: Details) -> list[str]:
    """One sentence for each thing that was changed."""
    return [*_about_name(details), *_about_steps(details.get("steps", []))]


def of_texts(acts: Iterable[CampaignAct]) -> dict[int, list[datetime]]:
    """Step id → when its text was changed, the first change first."""
    found: dict[int, list[datetime]] = {}
    for act in sorted(acts, key=lambda act: act.at):
        for told in act.details.get("steps", []):
            if "text" in told and told["text"][0] != told["text"][1]:
                found.setdefault(told["step"], []).append(act.at)
    return found


def _about_name(details: Details) -> Iterator[str]:
    if "name" in details:
        before, after = details["name"]
        yield _("Name: “%(before)s” is now “%(after)s”.") % {
            "before": before,
            "after": after,
        }


def _about_steps(steps: Iterable[Details]) -> Iterator[str]:
    for told in steps:
        about = _("Step %(number)s, “%(step)s”: %(change)s")
        # The first changes were noted without it.
        named = {"number": told.get("number", "?"), "step": told["called"]}
        for change in _about_step(told):
            yield about % {**named, "change": change}


def _about_step(told: Details) -> Iterator[str]:
    if "text" in told:
        yield from _about_text(told)
    for name, (before, after) in told.get("settings", {}).items():
        yield _about_setting(name, before, after)
    if moved := told.get("moved"):
        yield ngettext(
            "%(n)d buyer who waited for it has another time.",
            "%(n)d buyers who waited for it have another time.",
            moved,
        ) % {"n": moved}


def _about_text(told: Details) -> Iterator[str]:
    before, after = told["text"]
    planned = told["planned"]
    if before != after and (told["coming"] or not planned):
        yield ngettext(
            "new text (version %(version)d) for %(n)d buyer for whom it is still to "
            "come.",
            "new text (version %(version)d) for %(n)d buyers for whom it is still to "
            "come.",
            told["coming"],
        ) % {"version": after, "n": told["coming"]}
    if planned:
        yield ngettext(
            "new text (version %(version)d) for %(n)d message planned already.",
            "new text (version %(version)d) for %(n)d messages planned already.",
            planned,
        ) % {"version": after, "n": planned}


def _about_setting(name: str, before: Any, after: Any) -> str:
    show = _SHOWN.get(name, str)
    return _("%(setting)s: %(before)s → %(after)s") % {
        "setting": _label(name),
        "before": show(before) or "–",
        "after": show(after) or "–",
    }


def _label(name: str) -> str:
    return {
        "name": _("name"),
        "wait_days": _("days to wait"),
        "anchor_minutes": _("distance"),
        "send_at": _("local time"),
        "working_days": _("working days only"),
        "only_if": _("conditions"),
        "late_after_hours": _("too late after (hours)"),
        "late": _("when too late"),
    }[name]


def _hour(text: str) -> str:
    return time_format(time.fromisoformat(text), "H:i")


def _yes_or_no(value: bool) -> str:
    return _("yes") if value else _("no")


def _conditions(rule: conditions.Rule) -> str:
    return "; ".join(conditions.describe(rule)) or pgettext("conditions", "none")


_SHOWN: Mapping[str, Any] = {
    "anchor_minutes": moments.far,
    "send_at": _hour,
    "working_days": _yes_or_no,
    "only_if": _conditions,
    "late": lambda value: str(Step.Late(value).label),
}
