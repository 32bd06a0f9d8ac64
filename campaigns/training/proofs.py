"""What must always be true of seats, for ``manage.py audit``."""

from collections.abc import Callable
from datetime import datetime

from accounts.journal.invariants import Broken, count, register

from . import kinds


def _never(query: str) -> Callable[[datetime], Broken]:
    return lambda at: count(query, {"at": at})


_TAKING = (
    "state IN ('held', 'offered', 'booked', 'attended', 'no_show') AND NOT walk_in"
)

register(
    "I5",
    "Every session counts as taken exactly the seats that take a place, and no more"
    " than it has.",
    _never(
        f"""
        SELECT 'session ' || session.id FROM training_session AS session
        LEFT JOIN (
            SELECT session_id, count(*) AS seats FROM training_seat
            WHERE {_TAKING} GROUP BY session_id
        ) AS had ON had.session_id = session.id
        WHERE session.taken <> coalesce(had.seats, 0)
           OR session.taken > session.capacity
        """  # noqa: S608 - a constant of ours
    ),
)
register(
    "I5",
    "Every shared pool counts what its sessions count, and no more than it has.",
    _never(
        """
        SELECT 'pool ' || pool.id FROM training_pool AS pool
        LEFT JOIN (
            SELECT pool_id, sum(taken) AS seats FROM training_session
            WHERE pool_id IS NOT NULL GROUP BY pool_id
        ) AS had ON had.pool_id = pool.id
        WHERE pool.taken <> coalesce(had.seats, 0) OR pool.taken > pool.capacity
        """
    ),
)
register(
    "I5",
    "All seats of a booking that still stand are in one session and of one company.",
    _never(
        """
        SELECT 'booking ' || seat.booking_id FROM training_seat AS seat
        JOIN training_booking AS booking ON booking.id = seat.booking_id
        WHERE seat.state NOT IN ('expired', 'cancelled')
        GROUP BY seat.booking_id
        HAVING count(DISTINCT seat.session_id) > 1
            OR bool_or(seat.account_id <> booking.account_id)
        """
    ),
)
register(
    "I5",
    "Nobody waits while there are places enough for the whole booking.",
    _never(
        """
        SELECT 'booking ' || party.booking_id FROM (
            SELECT booking_id, session_id, count(*) AS seats FROM training_seat
            WHERE state = 'waiting' GROUP BY booking_id, session_id
        ) AS party
        JOIN training_session AS session ON session.id = party.session_id
        LEFT JOIN training_pool AS pool ON pool.id = session.pool_id
        WHERE session.state = 'planned' AND session.starts_at > %(at)s
          AND session.capacity - session.taken >= party.seats
          AND (pool.id IS NULL OR pool.capacity - pool.taken >= party.seats)
        """
    ),
)
register(
    "I5",
    "Nothing is held or offered for longer than an hour past its end, and nobody"
    " has a seat in a session that was called off.",
    _never(
        """
        SELECT 'seat ' || id FROM training_seat
        WHERE state IN ('held', 'offered') AND expires_at < %(at)s - interval '1 hour'
        UNION ALL
        SELECT 'seat ' || seat.id FROM training_seat AS seat
        JOIN training_session AS session ON session.id = seat.session_id
        WHERE session.state = 'cancelled'
          AND seat.state IN ('held', 'offered', 'booked', 'waiting')
        """
    ),
)
register(
    "I9",
    "Every seat's last line of history says what it is, and the journal knows who"
    " was booked and who attended.",
    _never(
        f"""
        SELECT 'seat ' || seat.id FROM training_seat AS seat
        LEFT JOIN LATERAL (
            SELECT after, session_id FROM training_seatchange AS change
            WHERE change.seat_id = seat.id ORDER BY change.id DESC LIMIT 1
        ) AS last ON true
        WHERE last.after IS DISTINCT FROM seat.state
           OR last.session_id IS DISTINCT FROM seat.session_id
        UNION ALL
        SELECT 'change ' || change.id FROM training_seatchange AS change
        WHERE change.after IN ('booked', 'attended', 'no_show')
          AND change.before NOT IN (change.after, 'attended', 'no_show')
          AND NOT EXISTS (SELECT FROM journal_eventkey
              WHERE source = '{kinds.SOURCE}'
                AND key = change.after || ':change:' || change.id)
        """  # noqa: S608 - a constant of ours
    ),
)
