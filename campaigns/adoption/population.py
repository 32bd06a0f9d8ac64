"""Who was invited, and what is true of each: the one relation all figures read.

Now is read from the progress rows: one pass over one narrow row per buyer. An earlier
day is read from the journal itself, because progress knows only today's counts; that
costs a pass over the journal.
"""

from datetime import timedelta
from typing import Any, NamedTuple

from django.conf import settings

from accounts.journal import sums
from campaigns.adoption import windows
from campaigns.adoption.flags import Flag
from campaigns.adoption.frames import Frame, Unit


class Sql(NamedTuple):
    text: str
    params: dict[str, Any]


def members(unit: Unit, frame: Frame, facts: str = "") -> Sql:
    """SQL of (id, account_id, reason, times …, mask), a row per invited one.

    *facts* counts even the present from the journal: that proves the progress rows.
    """
    facts = facts or (sums.FACTS + " WHERE occurred_at <= %(at)s") * frame.past
    progress = _journal(unit, facts) if facts else _progress(unit)
    text = f"""
        SELECT p.id, p.account_id, x.reason, p.invited_at, p.registered_at,
               p.online_first, p.online_last, p.online_count, {_mask(frame)} AS mask
          FROM {progress} p
          LEFT JOIN {ineligible(frame)} x ON x.account_id = p.account_id
          LEFT JOIN {_key(frame)} k ON k.account_id = p.account_id
          {_enrolled(unit, frame)}
         WHERE {_invited(frame)}
    """  # noqa: S608 - put together from constants of this module, values bound
    return Sql(text, params(frame))


def tally(unit: Unit, frame: Frame) -> Sql:
    """SQL of (mask, reason, taken from which mask, how many), for a frame of now.

    The same as counting `members`, in half the time: everybody is counted without a
    look at the accounts; then the few of accounts that are key or may not order are
    counted again, and taken from the mask they were counted under.
    """
    mask = _mask(frame, OF_PROGRESS)
    source = f"{_progress(unit)} p {_enrolled(unit, frame)}"
    text = f"""
        SELECT {mask} AS mask, '' AS reason, NULL::int AS instead, count(*)
          FROM {source} WHERE {_invited(frame)} GROUP BY 1
         UNION ALL
        SELECT {mask} | x.flags, x.reason, {mask}, count(*)
          FROM {source} JOIN ({_EXCEPTIONS}) x ON x.account_id = p.account_id
         WHERE {_invited(frame)} GROUP BY 1, 2, 3
    """  # noqa: S608 - put together from constants of this module, values bound
    return Sql(text, params(frame))


def params(frame: Frame) -> dict[str, Any]:
    return {
        "at": frame.at,
        "start": frame.start,
        "end": frame.end,
        "campaign": frame.campaign_id,
        "to_register": frame.at - windows.TO_REGISTER,
        "to_order": frame.at - windows.TO_ORDER,
        "to_be_regular": frame.at - windows.to_be_regular(),
        "regular_after": frame.at - timedelta(days=settings.ADOPTION_REGULAR_DAYS),
        **sums.parameters(),
    }


def _invited(frame: Frame) -> str:
    since = "AND p.invited_at >= %(start)s" if frame.since else ""
    until = "AND p.invited_at < %(end)s" if frame.until else ""
    return f"p.invited_at <= %(at)s {since} {until}"


# An event may be dated up to a day ahead; `online_recent` holds the newest twelve.
_COUNT = """(CASE WHEN p.online_last > %(at)s
    THEN p.online_count
         - (SELECT count(*) FROM unnest(p.online_recent) t WHERE t > %(at)s)
    ELSE p.online_count END)"""
_REGULAR = """(CASE WHEN p.online_last > %(at)s
    THEN (SELECT count(*) FROM unnest(p.online_recent) t
           WHERE t <= %(at)s AND t > %(regular_after)s) >= %(regular_orders)s
    ELSE p.regular_until > %(at)s END)"""

_TRUE_OF = {
    Flag.INELIGIBLE: "x.account_id IS NOT NULL",
    Flag.KEY: "k.account_id IS NOT NULL",
    # LEAST leaves out what is NULL: an order tells of a registration not reported.
    Flag.BEFORE: "LEAST(p.registered_at, p.online_first) < p.invited_at",
    Flag.REGISTERED: "p.registered_at <= %(at)s",
    Flag.ORDERED: "p.online_first <= %(at)s",
    Flag.IN_STORE: "p.registered_at <= %(at)s OR p.online_first <= %(at)s",
    Flag.ONCE: f"{_COUNT} = 1",
    Flag.REPEAT: f"{_COUNT} > 1",
    Flag.REGULAR: _REGULAR,
    Flag.MAY_REGISTER: "p.invited_at > %(to_register)s",
    Flag.MAY_ORDER: "p.invited_at > %(to_order)s",
    Flag.MAY_BE_REGULAR: "p.invited_at > %(to_be_regular)s",
}
#: Whoever still has messages of her campaign before her has time.
_UNDER_WAY = {Flag.MAY_REGISTER, Flag.MAY_ORDER, Flag.MAY_BE_REGULAR}


OF_ACCOUNT = Flag.INELIGIBLE | Flag.KEY
OF_PROGRESS = ~OF_ACCOUNT
_EXCEPTIONS = f"""
    SELECT id AS account_id, CASE WHEN eligible THEN '' ELSE ineligible_reason END
           AS reason, CASE WHEN eligible THEN 0 ELSE {int(Flag.INELIGIBLE)} END
           | CASE WHEN is_key THEN {int(Flag.KEY)} ELSE 0 END AS flags
      FROM customers_account WHERE NOT eligible OR is_key"""  # noqa: S608


def _mask(frame: Frame, wanted: Flag = OF_ACCOUNT | OF_PROGRESS) -> str:
    under_way = frame.campaign_id is not None and not frame.past
    return " | ".join(
        f"CASE WHEN {test}{' OR e.under_way' * (under_way and flag in _UNDER_WAY)}"
        f" THEN {int(flag)} ELSE 0 END"
        for flag, test in _TRUE_OF.items()
        if flag in wanted
    )


def _enrolled(unit: Unit, frame: Frame) -> str:
    if frame.campaign_id is None:
        return ""
    return f"""JOIN (SELECT {unit}_id AS id, bool_or(state = 'active') AS under_way
                 FROM sequences_enrolment WHERE campaign_id = %(campaign)s
                GROUP BY 1) e ON e.id = p.id"""  # noqa: S608


def _progress(unit: Unit) -> str:
    if unit is Unit.BUYER:
        return "(SELECT buyer_id AS id, * FROM journal_buyerprogress)"
    return "(SELECT account_id AS id, * FROM journal_accountprogress)"


def _journal(unit: Unit, facts: str) -> str:
    """The same columns, summed up from events."""
    whose = WHOSE[unit]
    core = sums.of_core(whose, facts)
    newest = "online_recent[%(regular_orders)s]"
    return f"""(SELECT {whose.key} AS id, *,
                       {newest} + {sums.WINDOW} AS regular_until FROM ({core}) c)"""  # noqa: S608


WHOSE = {Unit.BUYER: sums.BUYER, Unit.ACCOUNT: sums.ACCOUNT}


def ineligible(frame: Frame) -> str:
    """Accounts that may not order online, with the reason."""
    if frame.past:
        return f"({_on_record('eligible', 'no')})"
    return """(SELECT id AS account_id, ineligible_reason AS reason
                 FROM customers_account WHERE NOT eligible)"""


def _key(frame: Frame) -> str:
    if frame.past:
        return f"({_on_record('key', 'yes')})"
    return "(SELECT id AS account_id FROM customers_account WHERE is_key)"


def _on_record(kind: str, value: str) -> str:
    """Accounts that were *value* at the instant, by the dated facts.

    An account that came later is taken as it was at the end of its first day here.
    """
    return f"""
        SELECT f.account_id, f.reason
          FROM customers_accountfact f JOIN customers_account a ON a.id = f.account_id
         WHERE f.kind = '{kind}' AND f.value = '{value}'
           AND f.valid_from <= GREATEST(%(at)s, {_FIRST_EVENING})
           AND (f.valid_until IS NULL
                OR f.valid_until > GREATEST(%(at)s, {_FIRST_EVENING}))"""  # noqa: S608


_FIRST_EVENING = "date_trunc('day', a.created_at) + interval '1 day'"
