"""System checks of the journal."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from .sums import RECENT


@register
def check_regular(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """A progress row keeps so many orders, and *regular* is told from them."""
    if 1 <= settings.ADOPTION_REGULAR_ORDERS <= RECENT:
        return []
    text = f"ADOPTION_REGULAR_ORDERS must be between 1 and {RECENT}."
    return [Error(text, id="journal.E001")]
