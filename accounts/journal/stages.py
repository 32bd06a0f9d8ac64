"""How far a buyer, or an account, has come: derived when read, never stored.

*Regular* fades without any event, so it is a question of the instant: at least so
many online orders lie in the window that ends then.
"""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .models import Progress


class Stage(models.TextChoices):
    """In order; `reached` counts everybody at the stage or beyond."""

    NONE = "none", _("Not invited")
    INVITED = "invited", _("Invited")
    REGISTERED = "registered", _("Registered")
    FIRST_ORDER = "first_online_order", _("First online order")
    REPEAT = "repeat", _("Repeat")
    REGULAR = "regular", _("Regular")


ORDER = list(Stage)


def of(progress: Progress | None, at: datetime) -> Stage:
    """The stage at an instant; nobody's progress is `Stage.NONE`."""
    if progress is None:
        return Stage.NONE
    if progress.regular_until is not None and progress.regular_until > at:
        return Stage.REGULAR
    if progress.online_count >= 1:
        return Stage.REPEAT if progress.online_count > 1 else Stage.FIRST_ORDER
    if progress.registered_at is not None:
        return Stage.REGISTERED
    return Stage.INVITED if progress.invited_at is not None else Stage.NONE


def q(stage: str, at: datetime, prefix: str = "progress__") -> Q:
    """Who is at exactly this stage; `prefix` leads to the progress row ("" on it)."""
    beyond = ORDER[ORDER.index(Stage(stage)) + 1 :]
    here = reached(stage, at, prefix)
    return here & ~reached(beyond[0], at, prefix) if beyond else here


def reached(stage: str, at: datetime, prefix: str = "progress__") -> Q:
    """Who is at this stage or beyond; who ordered need never have registered."""
    anywhere = Q()
    for later in ORDER[ORDER.index(Stage(stage)) :]:
        anywhere |= _sign(later, at, prefix)
    return anywhere


def _sign(stage: Stage, at: datetime, prefix: str) -> Q:
    """What shows that somebody came here, by itself."""
    return {
        Stage.NONE: Q(pk__isnull=False),
        Stage.INVITED: Q(**{f"{prefix}invited_at__isnull": False}),
        Stage.REGISTERED: Q(**{f"{prefix}registered_at__isnull": False}),
        Stage.FIRST_ORDER: Q(**{f"{prefix}online_first__isnull": False}),
        Stage.REPEAT: Q(**{f"{prefix}online_count__gt": 1}),
        Stage.REGULAR: Q(**{f"{prefix}regular_until__gt": at}),
    }[stage]
