"""What erasing leaves to do: files to be read, and what was on the wire just then.

A sender may still write down what the server answered, or keep a copy of the mail; so
all that can come late is blanked again until nothing is on its way, and every hour. And
whoever had found her before, and commits after, is looked after once.
"""

from datetime import datetime, timedelta

from django.db import transaction

from . import erase, files, registry, strangers
from .models import PrivacyAct
from .registry import Deed

#: What is reported just while somebody is erased may be written down after the look: no
#: lock keeps it away. So long afterwards it is looked for again.
AFTERWARDS = timedelta(minutes=1)


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
        if not read or _is_under_way(act, at):
            return False
        _look_again(act)
        act.finished_at, act.looked_for = at, []
        act.save(update_fields=["finished_at", "looked_for"])
    return True


def _is_under_way(act: PrivacyAct, at: datetime) -> bool:
    if at < act.at + AFTERWARDS:
        return True
    return act.buyer_id is not None and bool(registry.on_the_wire(act.buyer_id))


def _look_again(act: PrivacyAct) -> None:
    if act.buyer is not None:
        erase.erase_again(act, act.buyer)
    else:
        strangers.erase_again(act)


def sweep(at: datetime) -> int:
    """Blank again what came late of all who were erased; how many rows."""
    with transaction.atomic():
        return sum(
            holding.erase(holding.of_the_erased(), Deed(at))
            for holding in registry.registered()
            if holding.comes_late
        )
