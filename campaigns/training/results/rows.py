"""One row per company that was told of, booked or attended the sessions of a scope.

Every number of the report counts these rows, and the list behind it is the same rows:
the two cannot disagree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from campaigns.training.kinds import TOLD

from . import past
from .scope import TOLD_BEFORE, WINDOW, Scope

_ROWS = f"""
    WITH chosen AS (
        SELECT id, starts_at FROM training_session WHERE id = ANY(%(sessions)s)
    ), span AS (
        SELECT min(starts_at) AS first, max(starts_at) AS last,
               range_agg(tstzrange(starts_at - %(told_before)s, starts_at, '[]'))
                   AS told_in
        FROM chosen
    ), seated AS (
        SELECT seat.account_id,
               bool_or(seat.booked_at IS NOT NULL OR seat.state IN
                       ('booked', 'attended', 'no_show')) AS booked,
               bool_or(seat.state = 'attended') AS attended,
               bool_or(seat.state = 'no_show') AS absent,
               min(chosen.starts_at) FILTER (WHERE seat.state = 'attended') AS came_at
        FROM training_seat AS seat JOIN chosen ON chosen.id = seat.session_id
        GROUP BY seat.account_id
    ), mail AS ({past.TOLD}
    ), told AS (
        SELECT DISTINCT account_id FROM mail JOIN span ON told_in @> mail.at
    ), barred AS MATERIALIZED ({past.BARRED}
    )
    SELECT account.id, account.number, account.name, account.segment,
           NOT EXISTS (SELECT FROM barred WHERE barred.account_id = account.id
                       AND came_at >= lo AND came_at < hi),
           EXISTS (SELECT FROM barred WHERE barred.account_id = account.id
                   AND lo <= %(at)s AND %(at)s < hi),
           told.account_id IS NOT NULL, coalesce(booked, false),
           coalesce(attended, false), coalesce(absent, false), came_at,
           progress.registered_at, progress.invited_at, progress.online_first,
           progress.regular_until
    FROM customers_account AS account
    LEFT JOIN seated ON seated.account_id = account.id
    LEFT JOIN told ON told.account_id = account.id
    LEFT JOIN journal_accountprogress AS progress ON progress.account_id = account.id
    WHERE seated.account_id IS NOT NULL OR told.account_id IS NOT NULL
    ORDER BY account.number_key
"""  # noqa: S608 - constants of ours


@dataclass(frozen=True, slots=True)
class Row:
    """``came_at``: the start of the first session of the scope that it attended.

    ``eligible``: whether it might order online then; ``barred``: that it may not now.
    """

    account_id: int
    number: str
    name: str
    segment: str
    eligible: bool
    barred: bool
    told: bool
    booked: bool
    attended: bool
    absent: bool
    came_at: datetime | None
    registered_at: datetime | None
    invited_at: datetime | None
    online_first: datetime | None
    regular_until: datetime | None

    @property
    def ordered_before(self) -> bool:
        """Ordered online before it came: there is nothing left to bring about."""
        return bool(
            self.came_at and self.online_first and self.online_first <= self.came_at
        )

    @property
    def ordered_after(self) -> bool:
        return bool(
            self.came_at and self.online_first and self.online_first > self.came_at
        )

    @property
    def activated(self) -> bool:
        """Its first online order came within the window after the session."""
        if not self.ordered_after or self.online_first is None or self.came_at is None:
            return False
        return self.online_first <= self.came_at + WINDOW

    def is_regular(self, at: datetime) -> bool:
        return self.regular_until is not None and self.regular_until > at

    def has_time(self, at: datetime) -> bool:
        """Its window is still open, and nothing has happened yet."""
        return (
            self.came_at is not None
            and not self.ordered_before
            and not self.ordered_after
            and at < self.came_at + WINDOW
        )


def read(scope: Scope) -> Sequence[Row]:
    """Two statements, whatever the number of sessions; they grow with the companies."""
    values: dict[str, Any] = {
        "sessions": list(scope.sessions().order_by().values_list("pk", flat=True)),
        "told": TOLD,
        "told_before": TOLD_BEFORE,
        "at": scope.at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, values)
        return [Row(*row) for row in cursor.fetchall()]
