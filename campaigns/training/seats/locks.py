"""Holding sessions, so that deeds on them come one after the other.

Always pools first, then sessions, each by id: deeds on several never wait for one
another in a circle. A pool is held with all of its sessions, because a place freed in
one may be for somebody who waits for another.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from campaigns.training.models import Pool, Session


@dataclass(slots=True)
class Held:
    """Rows as they are while nobody else can change them."""

    sessions: dict[int, Session]
    pools: dict[int, Pool]

    def __getitem__(self, session_id: int) -> Session:
        return self.sessions[session_id]

    def pool_of(self, session: Session) -> Pool | None:
        return self.pools.get(session.pool_id) if session.pool_id else None

    def free(self, session: Session) -> int:
        """Places left in the session, and in its pool if it has one."""
        pool = self.pool_of(session)
        return min(session.free_here, pool.free) if pool else session.free_here


def hold(session_ids: Iterable[int], pool_ids: Collection[int] = ()) -> Held:
    """Lock these sessions, their pools, and the other sessions of those pools.

    Within a transaction. A session that came into a pool meanwhile is looked at again.
    """
    wanted = set(session_ids)
    while True:
        pools = _lock_pools({*pool_ids, *_pools_of(wanted)})
        sessions = _lock_sessions(wanted, pools)
        if {one.pool_id for one in sessions.values() if one.pool_id} <= set(pools):
            return Held(sessions, pools)


def _pools_of(session_ids: Collection[int]) -> set[int]:
    found = Session.objects.filter(pk__in=session_ids, pool__isnull=False)
    return {pk for pk in found.values_list("pool_id", flat=True) if pk}


def _lock_pools(ids: Collection[int]) -> dict[int, Pool]:
    if not ids:
        return {}
    rows = Pool.objects.filter(pk__in=ids).order_by("pk")
    return {pool.pk: pool for pool in rows.select_for_update(no_key=True)}


def _lock_sessions(ids: Collection[int], pools: Collection[int]) -> dict[int, Session]:
    found = Session.objects.filter(pk__in=ids)
    if pools:
        found |= Session.objects.filter(pool__in=pools)
    rows = found.order_by("pk").select_for_update(no_key=True)
    return {session.pk: session for session in rows}
