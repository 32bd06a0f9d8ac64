"""The figures once more, counted straight from events and deliveries.

Nothing here reads a progress row, a funnel time or a module of the reports: if the
product's figures equal these, they are true.
"""

from django.db import connection

ONLINE = """SELECT * FROM journal_event WHERE kind = 'ordered'
    AND data->>'channel' = 'online'
    AND coalesce(data->>'placed_by', 'customer') = 'customer'
    AND occurred_at <= %(at)s"""

RATES = f"""
WITH known AS (
    SELECT * FROM journal_event WHERE occurred_at <= %(at)s AND {{whole}}
), online AS (
    SELECT * FROM ({ONLINE}) AS online WHERE {{whole}}
), invited AS (
    SELECT {{who}} AS who, min(account_id) AS account_id, min(occurred_at) AS since
      FROM known WHERE kind = 'invited' AND {{who}} IS NOT NULL GROUP BY 1
), told AS (
    SELECT invited.*, account.is_key, account.eligible,
        (SELECT min(occurred_at) FROM known
          WHERE kind = 'registered' AND {{who}} = invited.who) AS registered,
        (SELECT min(occurred_at) FROM online WHERE {{who}} = invited.who) AS ordered,
        (SELECT count(*) FROM online WHERE {{who}} = invited.who) AS orders,
        (SELECT count(*) FROM online WHERE {{who}} = invited.who
            AND occurred_at > %(at)s - interval '2160 hours') AS recent
      FROM invited JOIN customers_account AS account ON account.id = account_id
), counted AS (
    SELECT * FROM told WHERE eligible
       AND coalesce(registered >= since, true) AND coalesce(ordered >= since, true)
)
SELECT (SELECT count(*) FROM counted) AS invited,
    (SELECT count(*) FROM counted WHERE registered IS NOT NULL) AS rr,
    (SELECT count(*) FROM counted WHERE orders > 0) AS otar,
    (SELECT count(*) FROM counted WHERE orders = 1) AS once,
    (SELECT count(*) FROM counted WHERE recent >= 3) AS wsar,
    (SELECT count(*) FROM counted WHERE is_key) AS key_invited,
    (SELECT count(*) FROM counted WHERE is_key AND orders > 0) AS kaar,
    (SELECT count(*) FROM told WHERE NOT eligible) AS ineligible,
    (SELECT count(*) FROM told WHERE eligible
        AND (registered < since OR ordered < since)) AS before
"""

# An event counts for the campaign from its first message to this buyer (or account) on.
FUNNEL = f"""
WITH sent AS (
    SELECT {{who}} AS who, min(account_id) AS account_id, min(sent_at) AS since
      FROM sequences_delivery
     WHERE campaign_id = %(campaign)s AND state = 'sent' GROUP BY 1
), online AS (
    SELECT * FROM ({ONLINE}) AS online WHERE {{whole}}
), windowed AS (
    SELECT {{who}} AS who, occurred_at, lag(occurred_at, 2) OVER (
        PARTITION BY {{who}} ORDER BY occurred_at) AS began FROM online
), told AS (
    SELECT sent.*,
        EXISTS (SELECT FROM journal_event e WHERE e.{{who}} = sent.who
            AND kind = 'seen' AND occurred_at >= since) AS seen,
        EXISTS (SELECT FROM journal_event e WHERE e.{{who}} = sent.who
            AND kind = 'accepted' AND occurred_at >= since) AS accepted,
        EXISTS (SELECT FROM journal_event e WHERE e.{{who}} = sent.who
            AND kind = 'registered' AND occurred_at >= since) AS registered,
        EXISTS (SELECT FROM online WHERE online.{{who}} = sent.who
            AND occurred_at >= since) AS ordered,
        EXISTS (SELECT FROM windowed WHERE windowed.who = sent.who
            AND began >= occurred_at - interval '2160 hours'
            AND occurred_at >= since) AS regular
      FROM sent JOIN customers_account AS account ON account.id = account_id
     WHERE account.eligible AND NOT EXISTS (
        SELECT FROM journal_event e WHERE e.{{who}} = sent.who
            AND kind = 'registered' AND occurred_at < since)
)
SELECT count(*) AS sent,
    count(*) FILTER (
        WHERE seen OR accepted OR registered OR ordered OR regular) AS seen,
    count(*) FILTER (WHERE accepted OR registered OR ordered OR regular) AS accepted,
    count(*) FILTER (WHERE registered OR ordered OR regular) AS registered,
    count(*) FILTER (WHERE ordered OR regular) AS ordered,
    count(*) FILTER (WHERE regular) AS regular FROM told
"""

CHANNELS = """
SELECT CASE WHEN data->>'channel' = 'online' AND data->>'placed_by' = 'on_behalf'
            THEN 'on_behalf' ELSE coalesce(data->>'channel', '') END AS channel,
    count(*) FILTER (WHERE kind = 'ordered') AS orders,
    coalesce(sum((data->>'amount')::numeric) FILTER (WHERE kind = 'ordered'), 0),
    count(*) FILTER (WHERE kind = 'credit_note') AS credits,
    coalesce(sum((data->>'amount')::numeric) FILTER (WHERE kind = 'credit_note'), 0)
FROM journal_event WHERE kind IN ('ordered', 'credit_note') AND corrects IS NULL
    AND date_trunc('month', occurred_at AT TIME ZONE 'Europe/Madrid')::date
        BETWEEN %(first)s AND %(last)s
GROUP BY 1
"""


def rates(unit, at):
    return _row(_of(RATES, unit), {"at": at})


def funnel(unit, campaign, at):
    return _row(_of(FUNNEL, unit), {"at": at, "campaign": campaign.pk})


def channels(first, last):
    with connection.cursor() as cursor:
        cursor.execute(CHANNELS, {"first": first, "last": last})
        return {channel: tuple(numbers) for channel, *numbers in cursor}


def _of(query, unit):
    # An account has the event already that a later one tells again with its buyer.
    whole = "corrects IS NULL" if unit == "account" else "true"
    return query.format(who=f"{unit}_id", whole=whole)


def _row(query, values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        names = [column.name for column in cursor.description]
        return dict(zip(names, cursor.fetchone(), strict=True))
