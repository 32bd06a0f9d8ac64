"""Kinds of events are data: the core ones, and what others register beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

INVITED = "invited"
REGISTERED = "registered"
LOGGED_IN = "logged_in"
ORDERED = "ordered"
CREDIT_NOTE = "credit_note"
#: Says of another event that it does not count (`retract`).
RETRACTED = "retracted"
#: The buyer is a number from here on (`accounts.consent.privacy`).
ERASED = "erased"

#: What the store and the ERP report everywhere.
CORE = (REGISTERED, LOGGED_IN, ORDERED, CREDIT_NOTE)
#: Those that have columns of their own in the progress tables.
IN_COLUMNS = (INVITED, REGISTERED, LOGGED_IN, ORDERED)
#: Those that are documents: each counts once whichever system reports it.
DOCUMENTS = (ORDERED, CREDIT_NOTE)


@dataclass(frozen=True, slots=True)
class Kind:
    """``reportable``: the store or the ERP may report it through the API."""

    slug: str
    label: str | Promise
    reportable: bool = False


class UnknownKind(ValueError):
    """Nobody registered this kind."""


_known: dict[str, Kind] = {}


def register(slug: str, label: str | Promise, *, reportable: bool = False) -> None:
    """Make a kind known. Call it from an AppConfig's ``ready``."""
    if len(slug) > 40 or not slug.replace("_", "").isalnum():
        raise ValueError(f"“{slug}” cannot be the slug of a kind.")
    kind = Kind(slug, label, reportable)
    if _known.setdefault(slug, kind) != kind:
        raise ValueError(f"The kind “{slug}” is registered twice, differently.")


def known() -> Mapping[str, Kind]:
    return MappingProxyType(_known)


def reportable() -> list[Kind]:
    return [kind for kind in _known.values() if kind.reportable]


def label(slug: str) -> str | Promise:
    """How people call it; its slug where the app that registered it has gone."""
    kind = _known.get(slug)
    return kind.label if kind else slug


def choices() -> list[tuple[str, str | Promise]]:
    return [(kind.slug, kind.label) for kind in _known.values()]


register(INVITED, _("Invited"))
register(REGISTERED, _("Registered"), reportable=True)
register(LOGGED_IN, _("Logged in"), reportable=True)
register(ORDERED, _("Ordered"), reportable=True)
register(CREDIT_NOTE, _("Credit note"), reportable=True)
register(RETRACTED, _("Taken back"))
register(ERASED, _("Personal data erased"))
