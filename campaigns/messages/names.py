"""What a message that is shipped is called: its label, in the reader's language.

The row keeps the name it was made with, in one language. Once somebody gave it
another, it is called so everywhere.
"""

from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

_labels: dict[str, str | Promise] = {}


def register(starter: str, label: str | Promise) -> None:
    """*starter* names touchpoint and message: "training.confirmed"."""
    _labels[starter] = label


def of(starter: str, name: str) -> str:
    """What a message made from *starter*, whose row says *name*, is called."""
    return str(_labels[starter]) if name in _in_all_languages(starter) else name


def starters_called(part: str) -> list[str]:
    """Those with *part* in their label, as the reader reads it."""
    wanted = part.casefold()
    return [one for one, label in _labels.items() if wanted in str(label).casefold()]


@cache
def _in_all_languages(starter: str) -> frozenset[str]:
    label = _labels.get(starter)
    if label is None:
        return frozenset()
    return frozenset(_translated(label, code) for code, _name in settings.LANGUAGES)


def _translated(label: str | Promise, language: str) -> str:
    with translation.override(language):
        return str(label)
