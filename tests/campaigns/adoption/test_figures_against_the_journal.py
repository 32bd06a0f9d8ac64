"""Every figure equals a query over the journal that knows nothing of our tables."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.adoption import listings, names
from campaigns.adoption.figures import report
from campaigns.adoption.frames import Frame, Unit
from tests.factories import AccountFactory, BuyerFactory

from .conftest import NOW, History

# Half days, from 200 days ago until 12 hours from now.
WHEN = st.integers(-1, 400).map(lambda halves: halves / 2)
CHANNEL = st.sampled_from(["online", "online", "online", "phone", "edi"])
PLACED = st.sampled_from(["customer", "customer", "on_behalf"])
DEED = st.one_of(
    st.tuples(st.just("invited"), WHEN),
    st.tuples(st.just("registered"), WHEN),
    st.tuples(st.just("ordered"), WHEN, CHANNEL, PLACED),
)
BUYER = st.lists(DEED, max_size=9)
ACCOUNT = st.fixed_dictionaries(
    {
        "buyers": st.lists(BUYER, min_size=1, max_size=3),
        "nobody": st.lists(st.tuples(WHEN, CHANNEL, PLACED), max_size=2),
        "key": st.booleans(),
        "eligible": st.sampled_from([True, True, False]),
    }
)

ORACLE = """
WITH known AS (
    SELECT * FROM journal_event WHERE occurred_at <= %(at)s
), online AS (
    SELECT * FROM known WHERE kind = 'ordered' AND data->>'channel' = 'online'
       AND data->>'placed_by' = 'customer'
), invited AS (
    SELECT {who} AS who, min(account_id) AS account_id, min(occurred_at) AS since
      FROM known WHERE kind = 'invited' AND {who} IS NOT NULL GROUP BY 1
), counted AS (
    SELECT invited.*, account.is_key FROM invited
      JOIN customers_account account ON account.id = account_id
     WHERE account.eligible AND NOT EXISTS (
        SELECT FROM known WHERE kind = 'registered' AND {who} = invited.who
           AND occurred_at < invited.since)
       AND NOT EXISTS (
        SELECT FROM online WHERE {who} = invited.who AND occurred_at < invited.since)
), told AS (
    SELECT counted.*,
        EXISTS (SELECT FROM known WHERE kind = 'registered' AND {who} = counted.who)
            AS registered,
        (SELECT count(*) FROM online WHERE {who} = counted.who) AS orders,
        (SELECT count(*) FROM online WHERE {who} = counted.who
            AND occurred_at > %(at)s - interval '2160 hours') AS recent
      FROM counted
)
SELECT count(*), count(*) FILTER (WHERE registered),
    count(*) FILTER (WHERE orders > 0), count(*) FILTER (WHERE orders = 1),
    count(*) FILTER (WHERE recent >= 3), count(*) FILTER (WHERE is_key),
    count(*) FILTER (WHERE is_key AND orders > 0) FROM told
"""


def tell(accounts):
    history = History()
    for told in accounts:
        account = AccountFactory(is_key=told["key"], eligible=told["eligible"])
        for deeds in told["buyers"]:
            buyer = BuyerFactory(account=account)
            for kind, days, *order in deeds:
                if kind == "ordered":
                    channel, placed_by = order
                    history.ordered(buyer, days, channel=channel, placed_by=placed_by)
                else:
                    getattr(history, kind)(buyer, days)
        for days, channel, placed_by in told["nobody"]:
            history.ordered(
                None, days, account=account, channel=channel, placed_by=placed_by
            )
    history.settle()


def oracle(unit, at):
    with connection.cursor() as cursor:
        cursor.execute(ORACLE.format(who=f"{unit}_id"), {"at": at})
        return cursor.fetchone()


def ours(found, unit):
    def done(slug):
        return found.find(slug, unit).numerator.count

    figures = [done(slug) for slug in ("rr", "otar", "once", "wsar")]
    invited = found.find("rr", unit).denominator.count
    return (invited, *figures)


def check(frame):
    found = report(frame)
    by_account = oracle(Unit.ACCOUNT, frame.at)
    by_buyer = oracle(Unit.BUYER, frame.at)
    kaar = found.find("kaar", Unit.ACCOUNT)
    guide = found.find("kaar-guide", Unit.ACCOUNT)

    assert ours(found, Unit.BUYER) == by_buyer[:5]
    assert ours(found, Unit.ACCOUNT) == by_account[:5]
    assert (kaar.denominator.count, kaar.numerator.count) == by_account[5:]
    assert (guide.denominator.count, guide.numerator.count) == (
        by_buyer[0],
        by_account[6],
    )
    return found


@pytest.mark.django_db
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(ACCOUNT, min_size=1, max_size=4), st.integers(1, 150))
def test_figures_equal_an_independent_count(accounts, days):
    with transaction.atomic():
        tell(accounts)

        now = check(Frame(NOW))
        check(Frame(NOW, as_of=(NOW - timedelta(days=days)).date()))
        for standing in now.standings:
            counts = [stage.count for stage in standing.stages]
            assert counts == sorted(counts, reverse=True)
        for figure in now.figures:
            for part in (figure.numerator, figure.denominator, figure.possible):
                if part:
                    listing = listings.find(part.slug, part.unit, Frame(NOW))
                    assert names.count(listing) == part.count
        transaction.set_rollback(True)
