"""Wall-clock times, as deliveries keep them, for people to read."""

from datetime import datetime

from django import template
from django.utils.formats import date_format

register = template.Library()


@register.filter
def wall_clock(text: str, pattern: str = "D j M Y H:i") -> str:
    """ "2026-11-22 09:30" → "Sun 22 Nov 2026 09:30", in the reader's language."""
    try:
        # A wall clock has no zone: it stands beside it.
        local = datetime.strptime(text, "%Y-%m-%d %H:%M")  # noqa: DTZ007
    except ValueError:
        return text
    return date_format(local, pattern)
