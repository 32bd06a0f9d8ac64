"""Whether this database may send: a copy of it may not, until a person says so.

A copy that was restored elsewhere has another system identifier or oid; one that was
cloned with its disk has, in another environment, another ARMING_KEY. One that was put
back to an earlier time is older than its witness says. And two installations that find
each other at one database both stop.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from django.conf import settings
from django.db import connection
from django.db.models import Q

from accounts.staff.models import User
from campaigns.sequences import witness
from campaigns.sequences.models import Arming, Delivery
from campaigns.sequences.models.deliveries import DeliveryQuerySet

#: Another installation that showed itself within this time is there.
ALIVE = timedelta(seconds=60)


class State(StrEnum):
    ARMED = "armed"
    #: Nobody has armed this database here, or it was armed elsewhere.
    DISARMED = "disarmed"
    #: Another installation is at work on this database.
    CONTESTED = "contested"
    #: It has been put back to an earlier time, as this computer has seen a later one.
    WENT_BACK = "went_back"


@dataclass(frozen=True, slots=True)
class Found:
    system: str
    stored: bytes | None
    others: int
    #: Its last sign of life.
    newest: datetime | None


_FIND = """
    SELECT (SELECT system_identifier FROM pg_control_system())::text || ':'
               || (SELECT oid FROM pg_database WHERE datname = current_database()),
           (SELECT fingerprint FROM sequences_arming),
           (SELECT count(*) FROM sequences_heartbeat
            WHERE installation NOT IN ('', %(ours)s)
              AND at > clock_timestamp() - %(alive)s::interval),
           greatest((SELECT max(at) FROM sequences_heartbeat
                     WHERE part IN ('dispatcher', 'last time')),
                    (SELECT armed_at FROM sequences_arming))
"""


def state() -> State:
    """Asked before anything is claimed; one statement."""
    found = _find()
    if found.others:
        return State.CONTESTED
    stored = found.stored or b""
    if not hmac.compare_digest(stored, _fingerprint(found.system)):
        return State.DISARMED
    if witness.saw_later(found.system, found.newest):
        return State.WENT_BACK
    return State.ARMED


def is_armed() -> bool:
    return state() is State.ARMED


def arm(by: User | None, at: datetime) -> None:
    """Let this database send from here. *by* None: the demo, or a command."""
    Arming.objects.update_or_create(
        singleton=True,
        defaults={
            "fingerprint": _fingerprint(_find().system),
            "armed_at": at,
            "armed_by": by,
        },
    )


def disarm() -> None:
    Arming.objects.all().delete()


def overdue(at: datetime) -> DeliveryQuerySet:
    """What would go out at once if the database were armed now."""
    return Delivery.objects.overdue(at).filter(
        Q(campaign=None) | Q(campaign__state="running")
    )


def bear_witness(at: datetime) -> None:
    """Note on this computer that the database was alive then."""
    witness.keep(_find().system, at)


def installation() -> str:
    """Names this installation in heartbeats without giving its key away."""
    return sha256(b"installation:" + settings.ARMING_KEY.encode()).hexdigest()[:16]


def _find() -> Found:
    with connection.cursor() as cursor:
        cursor.execute(_FIND, {"ours": installation(), "alive": str(ALIVE)})
        system, stored, others, newest = cursor.fetchone()
    return Found(system, None if stored is None else bytes(stored), others, newest)


def _fingerprint(system: str) -> bytes:
    return hmac.digest(settings.ARMING_KEY.encode(), system.encode(), "sha256")
