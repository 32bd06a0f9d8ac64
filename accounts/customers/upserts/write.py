"""Write what is staged: insert what is missing, change what differs.

Inside a transaction. Accounts are inserted and locked in the order of their numbers,
and only then compared, so that two writers of the same accounts follow one another,
never wait for each other in a ring, and neither works from what is old by then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.backends.utils import CursorWrapper

from accounts.customers import facts

from . import sql
from .match import match_accounts, match_buyers
from .span import Span


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were inserted and changed."""

    accounts_new: int = 0
    accounts_changed: int = 0
    buyers_new: int = 0
    buyers_changed: int = 0

    def __add__(self, other: "Written") -> "Written":
        return Written(
            self.accounts_new + other.accounts_new,
            self.accounts_changed + other.accounts_changed,
            self.buyers_new + other.buyers_new,
            self.buyers_changed + other.buyers_changed,
        )


# One statement inserts what is missing and locks what is there, in one order; the
# UPDATE that never happens is what locks.
_INSERT_OR_LOCK_ACCOUNTS = f"""
    WITH made AS (
        INSERT INTO customers_account
            (number, number_key, created_at, updated_at, {", ".join(sql.NEW_ACCOUNT)})
        SELECT s.number, s.number_key, %(at)s, %(at)s,
            {", ".join(sql.NEW_ACCOUNT.values())}
        FROM customers_stagedaccount s
        WHERE {{span}} AND s.action IN ('create', 'change', 'same')
          AND (s.name IS NOT NULL OR EXISTS (
            SELECT 1 FROM customers_account a WHERE a.number_key = s.number_key
          ))
        ORDER BY s.number_key
        ON CONFLICT (number_key) DO UPDATE SET city = excluded.city WHERE false
        RETURNING id, number_key
    )
    UPDATE customers_stagedaccount s SET action = 'create', account_id = made.id
    FROM made WHERE made.number_key = s.number_key AND {{span}}
      AND s.action <> 'folded'
"""  # noqa: S608 - put together from constants, values bound

_CHANGE_ACCOUNTS = f"""
    UPDATE customers_account a SET
        {sql.assignments(sql.ACCOUNT)}, updated_at = %(at)s
    FROM customers_stagedaccount s
    WHERE {{span}} AND s.action = 'change' AND a.id = s.account_id
"""  # noqa: S608 - likewise

# Whose history may have to say something new.
_FACTUAL = """
    SELECT s.account_id FROM customers_stagedaccount s
    JOIN customers_account a ON a.id = s.account_id
    WHERE {span} AND (
        (s.action = 'create' AND (NOT a.eligible OR a.is_key OR a.rep_id IS NOT NULL))
        OR (s.action = 'change' AND s.after ?| ARRAY
            ['eligible', 'ineligible_reason', 'is_key', 'rep_id'])
    )
"""

_NEW_BUYER_LANGUAGE = (
    "coalesce(s.language, nullif(a.language, ''),"
    " CASE WHEN a.country = ANY(%(spanish)s) THEN 'es'"
    " WHEN a.country = '' THEN %(house_language)s ELSE 'en' END)"
)

# Ids are drawn first, so that what was inserted need not be found again.
_DRAW_BUYERS = """
    UPDATE customers_stagedbuyer s
    SET buyer_id = nextval(pg_get_serial_sequence('customers_buyer', 'id'))
    WHERE {span} AND s.action = 'create' AND s.buyer_id IS NULL
"""

_INSERT_BUYERS = f"""
    INSERT INTO customers_buyer
        (id, uuid, account_id, external_id, email, email_key, address_hash,
         first_name, last_name, phone, language, time_zone, active,
         created_at, updated_at)
    SELECT s.buyer_id, gen_random_uuid(), s.account_id, coalesce(s.external_id, ''),
        coalesce(s.email, ''), coalesce(s.email_key, ''), s.address_hash,
        coalesce(s.first_name, ''), coalesce(s.last_name, ''),
        coalesce(s.phone, ''), {_NEW_BUYER_LANGUAGE}, '', true, %(at)s, %(at)s
    FROM customers_stagedbuyer s
    JOIN customers_account a ON a.id = s.account_id
    WHERE {{span}} AND s.action = 'create'
    ORDER BY s.buyer_id
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - likewise

# Somebody was quicker, in the admin say: hers is there now, and is matched.
_FORGET_LOST_BUYERS = """
    UPDATE customers_stagedbuyer s SET buyer_id = NULL
    WHERE {span} AND s.action = 'create' AND NOT EXISTS (
        SELECT 1 FROM customers_buyer b WHERE b.id = s.buyer_id
    )
"""

_CHANGE_BUYERS = f"""
    UPDATE customers_buyer b SET
        {sql.assignments(sql.BUYER)}, updated_at = %(at)s
    FROM customers_stagedbuyer s
    WHERE {{span}} AND s.action = 'change' AND b.id = s.buyer_id
"""  # noqa: S608 - likewise


def write(span: Span, at: datetime, source: str) -> Written:
    """Write the staged rows of *span*; afterwards they say what became of each."""
    with connection.cursor() as cursor:
        accounts_new = _run(cursor, span, _INSERT_OR_LOCK_ACCOUNTS, at)
        match_accounts(span)
        accounts_changed = _run(cursor, span, _CHANGE_ACCOUNTS, at)
        facts.sync(_ids(cursor, span, at), at, source)
        match_buyers(span)
        drawn = _run(cursor, span, _DRAW_BUYERS, at)
        buyers_new = _run(cursor, span, _INSERT_BUYERS, at)
        if buyers_new < drawn:
            _run(cursor, span, _FORGET_LOST_BUYERS, at)
            match_buyers(span)
        buyers_changed = _run(cursor, span, _CHANGE_BUYERS, at)
    return Written(accounts_new, accounts_changed, buyers_new, buyers_changed)


def _ids(cursor: CursorWrapper, span: Span, at: datetime) -> Sequence[int]:
    _run(cursor, span, _FACTUAL, at)
    return [row[0] for row in cursor.fetchall()]


def _run(cursor: CursorWrapper, span: Span, statement: str, at: datetime) -> int:
    cursor.execute(statement.format(span=span.where), span.values(at=at))
    return int(cursor.rowcount)
