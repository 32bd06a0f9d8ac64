"""Taking places and giving them back: one conditional statement each.

`training.seats` holds the rows already; the condition and the constraint behind it
keep the count right also for whoever should ever come without.
"""

from typing import Any

from django.db.models import F, QuerySet

from campaigns.training.models import Pool, Session

from .acts import Refused
from .locks import Held


def take(held: Held, session: Session, number: int) -> None:
    """Take *number* places, or raise `Refused`. Roll back what it raises through."""
    pool = held.pool_of(session)
    if pool is not None:
        if not _add(Pool.objects.filter(pk=pool.pk), number):
            raise Refused("full")
        pool.taken += number
    planned = Session.objects.filter(pk=session.pk, state=Session.State.PLANNED)
    if not _add(planned, number):
        raise Refused("full")
    session.taken += number


def _add(row: QuerySet[Any], number: int) -> bool:
    fits = row.filter(taken__lte=F("capacity") - number)
    return fits.update(taken=F("taken") + number) == 1


def give_back(held: Held, session: Session, number: int) -> None:
    if not number:
        return
    pool = held.pool_of(session)
    if pool is not None:
        Pool.objects.filter(pk=pool.pk).update(taken=F("taken") - number)
        pool.taken -= number
    Session.objects.filter(pk=session.pk).update(taken=F("taken") - number)
    session.taken -= number


def carry(held: Held, session: Session, pool_id: int | None) -> None:
    """Take the session's places out of the pool it is in, and into another."""
    for pk, number in ((session.pool_id, -session.taken), (pool_id, session.taken)):
        if pk:
            Pool.objects.filter(pk=pk).update(taken=F("taken") + number)
            held.pools[pk].taken += number
    Session.objects.filter(pk=session.pk).update(pool=pool_id)
    session.pool_id = pool_id
