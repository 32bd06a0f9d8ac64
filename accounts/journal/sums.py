"""What events add up to, as SQL: the same sums for a batch and for all of them.

Each column merges commutatively (least, greatest, plus, the newest twelve), so that
events may come in any order and in any portions; `progress` adds a batch to what is
there, `rebuild` computes all anew, and both come to the same rows.
"""

# ruff: noqa: S608 - put together from the names in this file alone
from dataclasses import dataclass

from django.conf import settings

# In hours: days added to an instant would depend on the session's zone.
WINDOW = "make_interval(hours => %(regular_hours)s)"
OFFLINE = "kind = 'ordered' AND NOT online"
#: How many of the newest online orders a progress row keeps.
RECENT = 12

#: What sums need to know of an event.
FACTS = """
    SELECT id, account_id, buyer_id, kind, occurred_at, corrects,
        data->>'channel' AS channel, data->>'currency' AS currency,
        data->>'amount' AS amount,
        kind = 'ordered' AND coalesce(data->>'channel' = 'online', false)
            AND coalesce(data->>'placed_by', 'customer') = 'customer' AS online
    FROM journal_event AS event
"""
#: The events of one batch; the months are bounded so that others are not opened.
OF_BATCH = (
    FACTS
    + """
    WHERE id = ANY(%(events)s) AND recorded_at BETWEEN %(first)s AND %(last)s
"""
)
# What reactions have not yet seen is not in the sums, nor what they set aside.
OF_ALL = (
    FACTS
    + """
    WHERE NOT EXISTS (SELECT FROM journal_eventinbox AS waiting
        WHERE waiting.shard = event.account_id %% 64 AND waiting.event_id = event.id)
    AND NOT EXISTS (SELECT FROM journal_eventpoison AS poison
        WHERE poison.event_id = event.id AND poison.reaction = 'progress'
            AND poison.settled_at IS NULL)
"""
)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose progress: its table, its key, and the facts that count for it."""

    table: str
    key: str
    counts: str
    also: str = ""

    @property
    def keys(self) -> str:
        return f"{self.key}, account_id" if self.also else self.key


BUYER = Whose(
    "journal_buyerprogress",
    "buyer_id",
    "buyer_id IS NOT NULL",
    # A buyer belongs to one account; `audit` says where that is not so.
    "max(account_id) AS account_id,",
)
ACCOUNT = Whose("journal_accountprogress", "account_id", "corrects IS NULL")

#: The columns that are sums; regular_until and regular_since are made of them.
SUMMED = (
    "invited_at",
    "registered_at",
    "logged_in_first",
    "logged_in_last",
    "logged_in_count",
    "online_first",
    "online_last",
    "online_count",
    "online_recent",
    "offline_first",
    "offline_last",
    "offline_count",
)
COLUMNS = (*SUMMED, "regular_until", "regular_since")


def of_core(whose: Whose, facts: str) -> str:
    """One row per buyer or account with the core kinds among a few facts."""
    newest = f"""
        coalesce((array_agg(occurred_at ORDER BY occurred_at DESC)
            FILTER (WHERE online))[1:{RECENT}], '{{}}') AS online_recent"""
    return _of_counts(whose, facts, f", {newest}")


def of_progress(whose: Whose, facts: str) -> str:
    """The whole progress row of everybody, from all facts.

    The same rows as `of_core`, found otherwise: only the online orders are sorted.
    Of few facts the planner would join the two halves one by one.
    """
    return f"""
        SELECT counted.*, coalesce(orders.times, '{{}}') AS online_recent,
            orders.times[%(regular_orders)s] + {WINDOW} AS regular_until,
            orders.regular_since
        FROM ({_of_counts(whose, facts)}) AS counted
        LEFT JOIN ({of_orders(whose, facts)}) AS orders USING ({whose.key})
    """


def _of_counts(whose: Whose, facts: str, more: str = "") -> str:
    return f"""
        SELECT {whose.key}, {whose.also}
            min(occurred_at) FILTER (WHERE kind = 'invited') AS invited_at,
            min(occurred_at) FILTER (WHERE kind = 'registered') AS registered_at,
            min(occurred_at) FILTER (WHERE kind = 'logged_in') AS logged_in_first,
            max(occurred_at) FILTER (WHERE kind = 'logged_in') AS logged_in_last,
            count(*) FILTER (WHERE kind = 'logged_in')::int AS logged_in_count,
            min(occurred_at) FILTER (WHERE online) AS online_first,
            max(occurred_at) FILTER (WHERE online) AS online_last,
            count(*) FILTER (WHERE online)::int AS online_count,
            min(occurred_at) FILTER (WHERE {OFFLINE}) AS offline_first,
            max(occurred_at) FILTER (WHERE {OFFLINE}) AS offline_last,
            count(*) FILTER (WHERE {OFFLINE})::int AS offline_count {more}
        FROM ({facts}) AS fact
        WHERE {whose.counts}
            AND kind IN ('invited', 'registered', 'logged_in', 'ordered')
        GROUP BY {whose.key}
    """


def of_orders(whose: Whose, facts: str) -> str:
    """The newest online orders, and when somebody was regular for the first time:
    the earliest end of any window that holds the wanted number of them."""
    return f"""
        SELECT {whose.key},
            array_agg(occurred_at ORDER BY occurred_at DESC)
                FILTER (WHERE place <= {RECENT}) AS times,
            min(occurred_at) FILTER (WHERE began >= occurred_at - {WINDOW})
                AS regular_since
        FROM (
            SELECT {whose.key}, occurred_at, row_number() OVER latest AS place,
                lead(occurred_at, %(regular_orders)s - 1) OVER latest AS began
            FROM ({facts}) AS fact WHERE online AND {whose.counts}
            WINDOW latest AS (PARTITION BY {whose.key} ORDER BY occurred_at DESC)
        ) AS ordered
        GROUP BY {whose.key}
    """


# What was taken back, as far as reactions have seen it; with it goes what says the
# same of a buyer who became known later.
_COUNTS = """NOT EXISTS (
    SELECT FROM journal_eventkey AS back
    WHERE back.source = 'retraction'
        AND back.key = coalesce(fact.corrects, fact.id)::text
        AND NOT EXISTS (SELECT FROM journal_eventinbox AS waiting
            WHERE waiting.shard = fact.account_id %% 64
                AND waiting.event_id = back.event_id)
        AND NOT EXISTS (SELECT FROM journal_eventpoison AS poison
            WHERE poison.event_id = back.event_id AND poison.reaction = 'progress'
                AND poison.settled_at IS NULL))"""


def of_kinds(facts: str) -> str:
    """First, last and count of any other kind, per buyer and (as buyer 0) account."""
    core = "kind NOT IN ('invited', 'registered', 'logged_in', 'ordered')"
    others = f"{core} AND {_COUNTS}"
    return f"""
        SELECT account_id, buyer_id, kind, min(occurred_at) AS first_at,
            max(occurred_at) AS last_at, count(*)::int AS count
        FROM (
            SELECT account_id, buyer_id, kind, occurred_at FROM ({facts}) AS fact
            WHERE {others} AND buyer_id IS NOT NULL
            UNION ALL
            SELECT account_id, 0, kind, occurred_at FROM ({facts}) AS fact
            WHERE {others} AND corrects IS NULL
        ) AS fact
        GROUP BY account_id, buyer_id, kind
    """


def of_months(facts: str) -> str:
    """Documents and value per account, local month, channel and currency."""
    return f"""
        SELECT account_id, month, channel, currency,
            count(*) FILTER (WHERE kind = 'ordered')::int AS orders,
            coalesce(sum(amount) FILTER (WHERE kind = 'ordered'), 0)
                ::numeric(18, 4) AS amount,
            count(*) FILTER (WHERE kind = 'credit_note')::int AS credits,
            coalesce(sum(amount) FILTER (WHERE kind = 'credit_note'), 0)
                ::numeric(18, 4) AS credited
        FROM (
            SELECT account_id, kind,
                date_trunc('month', occurred_at AT TIME ZONE %(zone)s)::date AS month,
                CASE WHEN kind = 'ordered' AND channel = 'online' AND NOT online
                    THEN 'on_behalf' ELSE coalesce(channel, '') END AS channel,
                coalesce(currency, '') AS currency,
                coalesce(amount::numeric(18, 4), 0) AS amount
            FROM ({facts}) AS fact
            WHERE kind IN ('ordered', 'credit_note') AND corrects IS NULL
        ) AS document
        GROUP BY account_id, month, channel, currency
    """


def parameters() -> dict[str, str | int]:
    """What *regular* and *month* mean here."""
    return {
        "regular_orders": settings.ADOPTION_REGULAR_ORDERS,
        "regular_hours": settings.ADOPTION_REGULAR_DAYS * 24,
        "zone": settings.TIME_ZONE,
    }
