"""What erasing leaves to do: files to be read, and what was on the wire just then.

A sender may still write down what the server answered, or keep a copy of the mail; so
all that can come late is blanked again until nothing is on its way, and every hour.
"""

from datetime import datetime

from django.db import transaction

from . import files, registry
from .models import PrivacyAct
from .registry import Deed


def unfinished() -> list[int]:
    rows = PrivacyAct.objects.filter(finished_at=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def go_on(act_id: int, at: datetime) -> bool:
    """Do the next bit of one erasure; whether that finished it. Two do no harm."""
    with transaction.atomic():
        found = PrivacyAct.objects.select_for_update(skip_locked=True, no_key=True)
        act = found.filter(pk=act_id, finished_at=None).first()
        if act is None:
            return False
        read = files.read_on(act)
        sweep(at)
        if not read or registry.on_the_wire(act.buyer_id):
            return False
        act.finished_at, act.looked_for = at, []
        act.save(update_fields=["finished_at", "looked_for"])
    return True


def sweep(at: datetime) -> int:
    """Blank again what came late of all who were erased; how many rows."""
    with transaction.atomic():
        return sum(
            holding.erase(holding.of_the_erased(), Deed(at))
            for holding in registry.registered()
            if holding.comes_late
        )
