"""How many seats there are: more are offered at once, fewer than taken are refused."""

from django.db import transaction

from campaigns.training.models import Pool, Session

from . import counts, settling
from .acts import Act, Refused
from .locks import hold


def resize(session_id: int, capacity: int, act: Act) -> Session:
    """Give the session *capacity* seats; refused where more are taken already."""
    with transaction.atomic():
        held = hold([session_id])
        settling.settle(held, act.at)
        fits = Session.objects.filter(pk=session_id, taken__lte=capacity)
        if not fits.update(capacity=capacity):
            raise Refused("taken")
        held[session_id].capacity = capacity
        settling.settle(held, act.at)
        return held[session_id]


def resize_pool(pool_id: int, capacity: int, act: Act) -> Pool:
    with transaction.atomic():
        held = hold([], [pool_id])
        settling.settle(held, act.at)
        fits = Pool.objects.filter(pk=pool_id, taken__lte=capacity)
        if not fits.update(capacity=capacity):
            raise Refused("taken")
        held.pools[pool_id].capacity = capacity
        settling.settle(held, act.at)
        return held.pools[pool_id]


def set_pool(session_id: int, pool_id: int | None, act: Act) -> Session:
    """Put the session, with the seats taken in it, into a pool, or out of one."""
    with transaction.atomic():
        held = hold([session_id], [pool_id] if pool_id else [])
        session = held[session_id]
        if session.pool_id == pool_id:
            return session
        settling.settle(held, act.at)
        if pool_id and held.pools[pool_id].free < session.taken:
            raise Refused("pool_full")
        counts.carry(held, session, pool_id)
        settling.settle(held, act.at)
        return session
