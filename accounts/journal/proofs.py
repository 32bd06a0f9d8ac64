"""The journal's own invariants: what `manage.py audit` asks of it."""

from datetime import datetime, timedelta

from accounts.consent.privacy.registry import registered

from . import projection, sums
from .invariants import Broken, count, register
from .projection import Projection

#: An event waits this long for its reactions before somebody should look.
STALE = timedelta(minutes=10)
#: Reading the files that may name somebody who was erased takes minutes.
UNREAD = timedelta(hours=2)

# Every row that one side has and the other has not, or otherwise.
DIFFERENCE = """
    WITH fact AS MATERIALIZED ({facts})
    SELECT DISTINCT '{table} ' || concat_ws(' ', {key}) FROM (
        (SELECT {names} FROM ({query}) AS fresh EXCEPT ALL SELECT {names} FROM {table})
        UNION ALL
        (SELECT {names} FROM {table} EXCEPT ALL SELECT {names} FROM ({query}) AS fresh)
    ) AS different
"""
WITHOUT_KEY = """
    SELECT 'event ' || id FROM journal_event AS event
    WHERE NOT EXISTS (
        SELECT FROM journal_eventkey AS own WHERE own.source = event.source
            AND own.key = event.key AND own.event_id = event.id)
"""
WITHOUT_EVENT = """
    SELECT 'key ' || source || ':' || key FROM journal_eventkey AS own
    WHERE NOT EXISTS (SELECT FROM journal_event WHERE id = own.event_id)
"""
WITHOUT_ACCOUNT = """
    SELECT 'event ' || id FROM journal_event AS event
    WHERE NOT EXISTS (SELECT FROM customers_account WHERE id = event.account_id)
"""
WITHOUT_BUYER = """
    SELECT 'event ' || id FROM journal_event AS event
    WHERE buyer_id IS NOT NULL
        AND NOT EXISTS (SELECT FROM customers_buyer
            WHERE id = event.buyer_id AND account_id = event.account_id)
"""
WAITING_FOR_NOTHING = """
    SELECT 'event ' || event_id FROM journal_eventinbox AS waiting
    WHERE NOT EXISTS (SELECT FROM journal_event
        WHERE id = waiting.event_id AND account_id %% 64 = waiting.shard)
"""
STALE_INBOX = """
    SELECT 'event ' || event_id FROM journal_eventinbox
    WHERE recorded_at < %(since)s
"""
UNFINISHED = """
    SELECT 'privacy request ' || id FROM consent_privacyact
    WHERE finished_at IS NULL AND at < %(since)s
"""
CORRECTS_NOTHING = """
    SELECT 'event ' || id FROM journal_event AS event
    WHERE corrects IS NOT NULL
        AND NOT EXISTS (SELECT FROM journal_event AS corrected
            WHERE corrected.id = event.corrects AND corrected.buyer_id IS NULL
                AND corrected.account_id = event.account_id
                AND corrected.kind = event.kind)
"""
TAKES_BACK_NOTHING = """
    SELECT 'event ' || id FROM journal_event AS event
    WHERE kind = 'retracted'
        AND NOT EXISTS (SELECT FROM journal_event AS mistaken
            WHERE mistaken.id::text = event.key
                AND mistaken.account_id = event.account_id
                AND mistaken.kind = event.data->>'kind')
"""


def _sums_are_right(at: datetime) -> Broken:
    found = [_difference(table) for table in projection.ALL]
    return Broken(
        sum(broken.count for broken in found),
        [example for broken in found for example in broken.examples],
    )


def _difference(table: Projection) -> Broken:
    query = DIFFERENCE.format(
        table=table.table,
        key=", ".join(table.key),
        names=table.names,
        query=table.of("SELECT * FROM fact"),
        facts=sums.OF_ALL,
    )
    return count(query, sums.parameters())


def _nothing_stale(at: datetime) -> Broken:
    return count(STALE_INBOX, {"since": at - STALE})


def _nothing_left() -> Broken:
    """What each app says of its own tables (`accounts.consent.privacy`)."""
    found = [
        (holding.model._meta.label, rows)
        for holding in registered()
        for rows in holding.left()
    ]
    counted = [(label, rows, rows.count()) for label, rows in found]
    broken = [(label, rows) for label, rows, number in counted if number]
    return Broken(
        sum(number for _label, _rows, number in counted),
        [f"{label} {rows.values_list('pk', flat=True)[0]}" for label, rows in broken],
    )


register("I8", "The progress tables equal a replay of the journal.", _sums_are_right)
register(
    "I8",
    "Every event holds its own key, and so counts once.",
    lambda at: count(WITHOUT_KEY),
)
register("I8", "Every key leads to an event.", lambda at: count(WITHOUT_EVENT))
register(
    "I8",
    "Whatever waits for its reactions is an event, in the shard of its account.",
    lambda at: count(WAITING_FOR_NOTHING, {}),
)
register("I10", "Every event has its account.", lambda at: count(WITHOUT_ACCOUNT))
register(
    "I10",
    "Every buyer of an event is there, in the account of the event.",
    lambda at: count(WITHOUT_BUYER),
)
register(
    "I10",
    "A correction names an event of its account that had no buyer.",
    lambda at: count(CORRECTS_NOTHING),
)
register(
    "I10",
    "What takes an event back names one of its account and kind.",
    lambda at: count(TAKES_BACK_NOTHING),
)
register(
    "I10",
    "Nothing is left of the erased where nothing should be.",
    lambda at: _nothing_left(),
)
register("I11", "No event waits long for its reactions.", _nothing_stale)
register(
    "I11",
    "No erasure waits long for its files to be read.",
    lambda at: count(UNFINISHED, {"since": at - UNREAD}),
)
