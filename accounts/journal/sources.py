"""Where an event or a fact came from, in words for people."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .orders.load import SOURCE as ORDERS
from .retract import SOURCE as RETRACTION
from .strangers import SOURCE as JOURNAL

_LABELS: dict[str, str | Promise] = {
    ORDERS: gettext_lazy("Order file"),
    JOURNAL: gettext_lazy("Correction"),
    RETRACTION: gettext_lazy("Correction"),
    "outbox": gettext_lazy("Outbox"),
    "privacy": gettext_lazy("Privacy request"),
}


def add(labels: Mapping[str, str | Promise]) -> None:
    """Names of an app's own sources; call it from an AppConfig's ``ready``."""
    _LABELS.update(labels)


def label(source: str) -> str:
    """Ours by name, a system by the name of its key; else as it stands."""
    word, _colon, which = source.partition(":")
    if word == "api" and which:
        return _("%(system)s, by the API") % {"system": which}
    if word == "import" and which:
        return _("Import %(number)s") % {"number": which}
    return str(_LABELS.get(source, source))
