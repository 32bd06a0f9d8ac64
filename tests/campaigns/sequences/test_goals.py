from datetime import timedelta

import pytest
from django.db import connection

from accounts.journal import react
from accounts.journal.record import NewEvent, record
from campaigns.sequences import goals

from .scenes import MONDAY, make_people

pytestmark = pytest.mark.django_db


def has_reached(buyer, goal):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + goals.reached("who") + " FROM (SELECT %(buyer)s::bigint AS"
            " buyer_id, %(account)s::bigint AS account_id, %(goal)s AS goal) AS who",
            {
                "buyer": buyer.pk,
                "account": buyer.account_id,
                "goal": goal,
                "unseen_since": goals.unseen_since(),
            },
        )
        return cursor.fetchone()[0]


def report(kind, buyer, key="1", **data):
    record(
        NewEvent(
            kind=kind,
            account_id=buyer.account_id,
            buyer_id=buyer.pk,
            occurred_at=MONDAY,
            source="store",
            key=key,
            data=data,
        )
    )


@pytest.fixture
def colleagues():
    return make_people(2, per_account=2)


@pytest.mark.parametrize("reacted", [False, True])
def test_registering_is_the_buyers_own(colleagues, reacted):
    ana, ben = colleagues
    assert not has_reached(ana, "registered")
    report("registered", ana)
    if reacted:
        react.react_to_all(MONDAY)
    assert has_reached(ana, "registered")
    assert not has_reached(ben, "registered")


@pytest.mark.parametrize("reacted", [False, True])
def test_the_first_online_order_is_the_accounts(colleagues, reacted):
    ana, ben = colleagues
    (stranger,) = make_people(1)
    report("ordered", ana, channel="online", placed_by="customer", amount="1")
    if reacted:
        react.react_to_all(MONDAY)
    assert has_reached(ana, "first_online_order")
    assert has_reached(ben, "first_online_order")
    assert not has_reached(stranger, "first_online_order")


@pytest.mark.parametrize(
    "data",
    [
        {"channel": "phone"},
        {"channel": "online", "placed_by": "on_behalf"},
    ],
)
@pytest.mark.parametrize("reacted", [False, True])
def test_orders_of_others_and_by_phone_are_not_it(colleagues, data, reacted):
    ana, _ben = colleagues
    report("ordered", ana, amount="1", **data)
    if reacted:
        react.react_to_all(MONDAY)
    assert not has_reached(ana, "first_online_order")


def test_what_no_reaction_has_seen_is_never_older_than_the_bound(colleagues):
    ana, _ben = colleagues
    before = goals.unseen_since()
    report("registered", ana)
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(recorded_at) FROM journal_eventinbox")
        (oldest,) = cursor.fetchone()
    assert goals.unseen_since() <= oldest - timedelta(minutes=59)
    assert before <= oldest


def test_an_unknown_goal_is_reached_by_nobody(colleagues):
    assert not has_reached(colleagues[0], "golden_watch")


def test_a_goal_is_registered_once():
    goal = goals.find("registered")
    goals.register(goal)
    other = goals.Goal("registered", "Other", goals.Unit.ACCOUNT, "registered")
    with pytest.raises(ValueError, match="twice"):
        goals.register(other)
