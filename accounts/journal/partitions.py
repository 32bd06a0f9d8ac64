"""The months of the journal: made ahead, so that no event meets a missing one."""

from datetime import UTC, datetime
from itertools import pairwise

from django.db import connection, transaction

from . import locks

#: How many months are kept ready after the one we are in.
AHEAD = 3

# Made beside the journal and attached: to create it as a partition would lock out
# everybody who reads or writes meanwhile. Triggers for TRUNCATE are not cloned.
CREATE = """
    CREATE TABLE {name} (LIKE journal_event INCLUDING DEFAULTS INCLUDING INDEXES);
    ALTER TABLE journal_event ATTACH PARTITION {name}
        FOR VALUES FROM ('{begins:%Y-%m-%d}+00') TO ('{ends:%Y-%m-%d}+00');
    CREATE TRIGGER journal_guard_truncate BEFORE TRUNCATE ON {name}
        FOR EACH STATEMENT EXECUTE FUNCTION journal_guard();
"""
ATTACHED = """
    SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
    WHERE inhparent = 'journal_event'::regclass
"""


def ensure(at: datetime) -> list[str]:
    """Make what is missing of this month and the next `AHEAD`; their names."""
    if not _missing(at):
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        locks.wait_for_partitions(cursor)
        missing = _missing(at)
        for name, (begins, ends) in missing.items():
            cursor.execute(CREATE.format(name=name, begins=begins, ends=ends))
        return list(missing)


def exist() -> bool:
    """Whether there is a journal at all: not so after migrating back to zero."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('journal_event') IS NOT NULL")
        (found,) = cursor.fetchone()
    return bool(found)


def ready(at: datetime) -> bool:
    """Whether this month and the next exist."""
    return not _missing(at, ahead=1)


def name_of(month: datetime) -> str:
    return f"journal_event_{month:%Y_%m}"


def _missing(at: datetime, ahead: int = AHEAD) -> dict[str, tuple[datetime, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(ATTACHED)
        there = {name for (name,) in cursor.fetchall()}
    months = [_month(at, number) for number in range(ahead + 2)]
    return {
        name_of(begins): (begins, ends)
        for begins, ends in pairwise(months)
        if name_of(begins) not in there
    }


def _month(at: datetime, later: int) -> datetime:
    here = at.astimezone(UTC)
    years, month = divmod(here.month - 1 + later, 12)
    return datetime(here.year + years, month + 1, 1, tzinfo=UTC)
