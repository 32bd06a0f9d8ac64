from datetime import timedelta
from itertools import permutations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.journal import react
from accounts.journal.record import NewEvent, record_many
from campaigns.sequences.models import Delivery, Enrolment
from campaigns.sequences.results import funnel
from tests.campaigns.sequences.scenes import (
    MONDAY,
    MORNING,
    make_campaign,
    make_people,
    start,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def event(kind, buyer, at, **data):
    return NewEvent(
        kind=kind,
        account_id=buyer.account_id,
        buyer_id=buyer.pk,
        occurred_at=at,
        source="store",
        key=f"{kind}:{buyer.pk}:{at.isoformat()}",
        data=data,
    )


def online(buyer, at):
    return event(
        "ordered",
        buyer,
        at,
        channel="online",
        amount="1",
        currency="EUR",
        document=f"D{at.isoformat()}",
    )


def tell(*events):
    record_many(events)
    react.react_to_all(MORNING)


def enrolment(buyer):
    return Enrolment.objects.get(buyer=buyer)


@pytest.fixture
def ana():
    """Got the first message in the morning."""
    (ana,) = make_people(1)
    start(make_campaign({}, {"wait_days": 3}))
    Enrolment.objects.update(sent_at=MORNING)
    return ana


def test_each_stage_gets_its_first_time(ana):
    tell(
        event("seen", ana, MORNING + HOUR),
        event("accepted", ana, MORNING + 2 * HOUR),
        event("registered", ana, MORNING + 3 * HOUR),
        online(ana, MORNING + 4 * HOUR),
        online(ana, MORNING + 5 * HOUR),
    )
    row = enrolment(ana)
    assert row.seen_at == MORNING + HOUR
    assert row.accepted_at == MORNING + 2 * HOUR
    assert row.registered_at == MORNING + 3 * HOUR
    assert row.first_order_at == MORNING + 4 * HOUR


def test_the_order_in_which_events_arrive_does_not_matter(ana):
    events = [online(ana, MORNING + hours * HOUR) for hours in (3, 1, 2)]
    for number, order in enumerate(permutations(events)):
        Enrolment.objects.update(first_order_at=None)
        again = [
            NewEvent(
                **{
                    **{f: getattr(e, f) for f in NewEvent.__slots__},
                    "key": f"{e.key}:{number}",
                    "data": {**e.data, "document": f"{e.key}:{number}"},
                }
            )
            for e in order
        ]
        for one in again:
            tell(one)
        assert enrolment(ana).first_order_at == MORNING + HOUR


def test_what_happened_before_the_first_message_is_not_its_doing(ana):
    tell(event("registered", ana, MORNING - HOUR), online(ana, MORNING - HOUR))
    assert enrolment(ana).registered_at is None
    assert enrolment(ana).first_order_at is None


def test_who_was_written_nothing_has_no_funnel(ana):
    Enrolment.objects.update(sent_at=None)
    tell(event("registered", ana, MORNING + HOUR))
    assert enrolment(ana).registered_at is None


def test_who_acts_while_the_message_is_on_the_wire_is_counted(ana):
    row = enrolment(ana)
    Enrolment.objects.update(sent_at=None)
    Delivery.objects.create(
        campaign=row.campaign,
        enrolment=row,
        step=row.version.steps.first(),
        message_version=row.version.steps.first().message_version,
        account_id=ana.account_id,
        buyer=ana,
        state="sending",
        lease_until=MORNING,
        due_at=MORNING,
    )
    tell(event("registered", ana, MORNING + HOUR))
    assert enrolment(ana).registered_at == MORNING + HOUR


def test_orders_by_phone_or_on_behalf_are_no_online_order(ana):
    tell(
        event("ordered", ana, MORNING + HOUR, channel="phone", document="1"),
        event(
            "ordered",
            ana,
            MORNING + 2 * HOUR,
            channel="online",
            placed_by="on_behalf",
            document="2",
        ),
    )
    assert enrolment(ana).first_order_at is None
    assert enrolment(ana).state == "active"


def test_a_regular_buyer_is_noted_since_when(ana):
    tell(*[online(ana, MORNING + day * 24 * HOUR) for day in range(1, 5)])
    # The third order within ninety days makes her regular.
    assert enrolment(ana).regular_at == MORNING + 3 * 24 * HOUR


def test_the_accounts_goal_lets_all_colleagues_out():
    ana, ben = make_people(2, per_account=2)
    (stranger,) = make_people(1)
    start(make_campaign({}, {"wait_days": 3}))
    tell(online(ana, MONDAY))
    told = {
        row.buyer_id: (row.state, row.exit_reason, row.due_at)
        for row in Enrolment.objects.all()
    }
    assert told[ana.pk] == told[ben.pk] == ("exited", "goal_reached", None)
    assert told[stranger.pk][0] == "active"


def test_the_buyers_own_goal_lets_only_her_out():
    ana, ben = make_people(2, per_account=2)
    start(make_campaign({}, {"wait_days": 3}, goal="registered"))
    tell(event("registered", ana, MONDAY))
    assert enrolment(ana).state == "exited"
    assert enrolment(ben).state == "active"


def test_another_campaigns_goal_lets_nobody_out():
    (ana,) = make_people(1)
    start(make_campaign({}, {"wait_days": 3}, goal="first_online_order"))
    tell(event("registered", ana, MONDAY))
    assert enrolment(ana).state == "active"


def test_who_has_done_all_steps_stays_finished(ana):
    Enrolment.objects.update(state="finished", due_at=None)
    tell(online(ana, MORNING + HOUR))
    assert enrolment(ana).state == "finished"
    assert enrolment(ana).first_order_at == MORNING + HOUR


def test_an_order_without_a_buyer_counts_for_the_account_alone(ana):
    anonymous = NewEvent(
        kind="ordered",
        account_id=ana.account_id,
        buyer_id=None,
        occurred_at=MORNING + HOUR,
        source="store",
        key="1",
        data={"channel": "online", "document": "1"},
    )
    tell(anonymous)
    assert enrolment(ana).state == "exited"
    assert enrolment(ana).first_order_at is None


def test_it_costs_two_statements_for_any_number_of_facts(ana):
    facts = [
        funnel.Fact(n, "registered", ana.account_id, ana.pk, MORNING, MORNING)
        for n in range(200)
    ]
    with CaptureQueriesContext(connection) as queries:
        funnel.follow(facts, MORNING)
    assert len(queries) == 2
