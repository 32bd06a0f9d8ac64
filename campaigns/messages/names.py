"""What a message that is shipped is called: its label, in the reader's language.

The row keeps the name it was made with, in one language. Once somebody gave it
another, it is called so everywhere.
"""

from functools import cache, reduce
from operator import or_

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.functional import Promise

_labels: dict[str, str | Promise] = {}


def register(starter: str, label: str | Promise) -> None:
    """*starter* names touchpoint and message: "training.confirmed"."""
    _labels[starter] = label


def of(starter: str, name: str) -> str:
    """What a message made from *starter*, whose row says *name*, is called."""
    if starter in _labels and name in _in_all_languages(starter):
        return str(_labels[starter])
    return name


def called(part: str) -> Q:
    """The messages that are called by a label with *part* in it, as the reader reads
    it."""
    wanted = part.casefold()
    found = (one for one, label in _labels.items() if wanted in str(label).casefold())
    shipped = (Q(starter=one, name__in=_in_all_languages(one)) for one in found)
    return reduce(or_, shipped, Q(pk__in=[]))


@cache
def _in_all_languages(starter: str) -> frozenset[str]:
    label = _labels[starter]
    return frozenset(_translated(label, code) for code, _name in settings.LANGUAGES)


def _translated(label: str | Promise, language: str) -> str:
    with translation.override(language):
        return str(label)
