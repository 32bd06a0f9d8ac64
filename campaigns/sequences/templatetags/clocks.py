"""Wall-clock times, as deliveries keep them, for people to read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import pgettext

from campaigns.sequences.models import Step
from campaigns.sequences.planning import moments
from campaigns.sequences.touchpoints import PlannedStep

register = template.Library()


@register.filter
def instant(moment: datetime | None) -> str:
    """A moment by the house's clock, with its zone as every time is shown."""
    if moment is None:
        return "–"
    local = localtime(moment)
    return f"{date_format(local, 'SHORT_DATETIME_FORMAT')} ({local.tzname()})"


@register.filter
def of_key(found: Mapping[Any, Any], key: Any) -> Any:
    """What stands under *key*, which a template cannot look up by itself."""
    return found.get(key)


@register.filter
def wall_clock(text: str, length: str = "long") -> str:
    """ "2026-11-22 09:30" → "Sun 22 Nov 2026 09:30", in the reader's language.

    The "short" one leaves out the year.
    """
    try:
        # A wall clock has no zone: it stands beside it.
        local = datetime.strptime(text, "%Y-%m-%d %H:%M")  # noqa: DTZ007
    except ValueError:
        return text
    if length == "short":
        return date_format(local, pgettext("date format", "D j M H:i"))
    return date_format(local, pgettext("date format", "D j M Y H:i"))


@register.filter
def moment(step: Step | PlannedStep) -> str:
    """What the step is reckoned from, and how far from it."""
    return moments.describe(step)
