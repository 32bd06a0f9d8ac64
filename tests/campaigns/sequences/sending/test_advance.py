from datetime import time, timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.consent import suppression
from accounts.journal.record import NewEvent, record
from campaigns.sequences import reasons
from campaigns.sequences.models import Campaign, Delivery, Enrolment, Step
from campaigns.sequences.sending import advance as advancing
from campaigns.sequences.sending.advance import advance
from tests.campaigns.sequences.scenes import (
    MONDAY,
    MORNING,
    make_campaign,
    make_message,
    make_people,
    permit,
    start,
)
from tests.races import at_once
from tests.support import work

pytestmark = pytest.mark.django_db

THREE_STEPS = (
    {},
    {"wait_days": 3, "send_at": time(16)},
    {"wait_days": 7, "working_days": True},
)


def deliveries():
    return list(Delivery.objects.order_by("pk").values_list("state", "reason"))


def enrolment():
    return Enrolment.objects.get()


def test_a_due_step_becomes_a_delivery_and_the_next_one_is_laid_down():
    make_people(1)
    start(make_campaign(*THREE_STEPS))
    assert advance(MORNING) == 1
    delivery = Delivery.objects.get()
    assert delivery.state == "planned"
    assert delivery.due_at == MORNING
    assert (delivery.local_due, delivery.zone) == ("2026-11-23 09:30", "Europe/Madrid")
    assert delivery.not_after == MORNING + timedelta(hours=48)
    # Thursday, four in the afternoon in Madrid.
    assert enrolment().due_at == MORNING + timedelta(days=3, hours=6.5)
    assert enrolment().position == 1
    assert advance(MORNING) == 0


def test_after_the_last_step_an_enrolment_is_finished():
    make_people(1)
    start(make_campaign())
    advance(MORNING)
    assert (enrolment().state, enrolment().due_at) == ("finished", None)


def leave_company(buyer):
    buyer.active = False
    buyer.save()


def bar_company(buyer):
    buyer.account.eligible = False
    buyer.account.save()


def order(buyer):
    record(
        NewEvent(
            kind="ordered",
            account_id=buyer.account_id,
            buyer_id=None,
            occurred_at=MONDAY,
            source="store",
            key="1",
            data={"channel": "online", "amount": "1", "currency": "EUR"},
        )
    )


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        (leave_company, "inactive"),
        (bar_company, "ineligible"),
        (order, "goal_reached"),
    ],
)
def test_who_has_no_business_in_it_any_more_leaves_without_a_message(deed, reason):
    (ana,) = make_people(1)
    start(make_campaign(*THREE_STEPS))
    deed(ana)
    advance(MORNING)
    assert (enrolment().state, enrolment().exit_reason) == ("exited", reason)
    assert enrolment().due_at is None
    assert deliveries() == []


def object_to_it(buyer):
    buyer.permissions.update(allowed=False)


def suppress(buyer):
    suppression.suppress(
        buyer.address_hash, "marketing", reason="complained", source="test", at=MONDAY
    )


@pytest.mark.parametrize(
    ("deed", "reason"), [(object_to_it, "no_permission"), (suppress, "suppressed")]
)
def test_who_does_not_want_it_leaves_and_the_message_says_why(deed, reason):
    (ana,) = make_people(1)
    start(make_campaign(*THREE_STEPS))
    deed(ana)
    advance(MORNING)
    assert deliveries() == [("skipped", reason)]
    assert (enrolment().state, enrolment().exit_reason) == ("exited", reason)


def test_a_service_message_asks_for_no_permission():
    ana, ben = make_people(2, permitted=False)
    service = make_message(purpose="service")
    start(make_campaign({"message": service}))
    suppression.suppress(
        ben.address_hash, "all", reason="bounced", source="test", at=MONDAY
    )
    advance(MORNING)
    told = dict(Delivery.objects.values_list("buyer_id", "state"))
    assert told == {ana.pk: "planned", ben.pk: "skipped"}


def test_without_an_address_a_step_is_passed_over():
    (ana,) = make_people(1)
    start(make_campaign(*THREE_STEPS))
    ana.email = ""
    ana.save()
    advance(MORNING)
    assert deliveries() == [("skipped", "no_address")]
    assert enrolment().state == "active"
    assert enrolment().position == 1


NOT_REGISTERED = {
    "all": [{"condition": "buyer_stage", "value": ["none", "invited"], "not": False}]
}


def test_a_step_whose_condition_does_not_hold_is_passed_over():
    ana, ben = make_people(2)
    start(make_campaign({"only_if": NOT_REGISTERED}, {"wait_days": 1}))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO journal_buyerprogress (buyer_id, account_id, registered_at,"
            " logged_in_count, online_count, online_recent, offline_count)"
            " VALUES (%s, %s, %s, 0, 0, '{}', 0)",
            [ana.pk, ana.account_id, MONDAY],
        )
    advance(MORNING)
    told = dict(Delivery.objects.values_list("buyer_id", "reason"))
    assert told == {ana.pk: "condition", ben.pk: ""}
    assert set(Enrolment.objects.values_list("state", flat=True)) == {"active"}


def share_mailbox(people):
    for buyer in people[1:]:
        buyer.email = people[0].email
        buyer.save()


def test_one_mailbox_gets_a_step_once():
    people = make_people(3)
    share_mailbox(people)
    start(make_campaign())
    advance(MORNING)
    assert sorted(deliveries()) == [
        ("planned", ""),
        ("skipped", "same_mailbox"),
        ("skipped", "same_mailbox"),
    ]


def test_one_mailbox_gets_a_step_once_across_batches():
    people = make_people(3)
    share_mailbox(people)
    start(make_campaign())
    for _ in people:
        advance(MORNING, limit=1)
    assert sorted(deliveries()) == [
        ("planned", ""),
        ("skipped", "same_mailbox"),
        ("skipped", "same_mailbox"),
    ]


@pytest.mark.django_db(transaction=True)
def test_one_mailbox_gets_a_step_once_from_two_dispatchers():
    people = make_people(2)
    share_mailbox(people)
    start(make_campaign())
    assert sorted(at_once(lambda: advance(MORNING, limit=1), 2)) == [1, 1]
    assert sorted(deliveries()) == [("planned", ""), ("skipped", "same_mailbox")]


@pytest.mark.django_db(transaction=True)
def test_without_the_unique_key_both_would_get_it():
    people = make_people(2)
    share_mailbox(people)
    start(make_campaign())
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX delivery_one_per_address")
    try:
        at_once(lambda: advance(MORNING, limit=1), 2)
        assert deliveries() == [("planned", ""), ("planned", "")]
    finally:
        Delivery.objects.filter(state="planned").update(
            state="skipped", reason="condition"
        )
        with connection.schema_editor() as editor:
            (constraint,) = (
                one
                for one in Delivery._meta.constraints
                if one.name == "delivery_one_per_address"
            )
            editor.add_constraint(Delivery, constraint)


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_take_everybody_exactly_once():
    make_people(60)
    start(make_campaign(*THREE_STEPS))

    def work():
        done = 0
        while taken := advance(MORNING, limit=7):
            done += taken
        return done

    assert sum(at_once(work, 3)) == 60
    assert Delivery.objects.count() == 60
    assert set(Enrolment.objects.values_list("position", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_without_its_lock_two_dispatchers_would_take_the_same(monkeypatch):
    make_people(20)
    start(make_campaign(*THREE_STEPS))
    unlocked = advancing._LOCK.replace("FOR NO KEY UPDATE SKIP LOCKED", "")
    both_have_read, gather = Barrier(2), advancing._gather

    def wait_and_gather(due):
        both_have_read.wait(timeout=10)
        return gather(due)

    monkeypatch.setattr(advancing, "_LOCK", unlocked)
    monkeypatch.setattr(advancing, "_gather", wait_and_gather)
    assert at_once(lambda: advance(MORNING), 2) == [20, 20]


def test_what_is_too_late_is_passed_over_where_the_step_says_so():
    make_people(1)
    start(make_campaign({}, {"wait_days": 1}))
    late = MORNING + timedelta(hours=49)
    advance(late)
    assert deliveries() == [("skipped", "too_late")]
    # The next step counts from now on, not from the time that was missed.
    assert enrolment().due_at == MORNING + timedelta(days=3)


def test_what_is_too_late_waits_for_the_next_hour_where_the_step_says_so():
    make_people(1)
    start(make_campaign({"late": Step.Late.SEND}, {"wait_days": 1}))
    late = MORNING + timedelta(hours=49)
    assert advance(late) == 1
    assert deliveries() == []
    assert enrolment().due_at == MORNING + timedelta(days=3)
    assert enrolment().position == 0
    assert advance(late) == 0
    advance(MORNING + timedelta(days=3))
    assert deliveries() == [("planned", "")]
    assert Delivery.objects.get().not_after is None


def test_an_hour_of_delay_moves_no_later_step():
    make_people(1)
    start(make_campaign({}, {"wait_days": 1}))
    advance(MORNING + timedelta(hours=1))
    assert enrolment().due_at == MORNING + timedelta(days=1)


def test_a_condition_that_no_longer_exists_pauses_its_campaign_alone():
    make_people(2)
    broken, sound = start(make_campaign({})), start(make_campaign({}))
    Step.objects.filter(version__campaign=broken).update(
        only_if={"all": [{"condition": "star_sign", "value": "lion"}]}
    )
    while advance(MORNING):
        continue
    broken.refresh_from_db()
    assert (broken.state, broken.pause_reason) == ("paused", "bad_condition")
    assert "condition" in reasons.label(broken.pause_reason)
    assert set(Delivery.objects.values_list("campaign_id", flat=True)) == {sound.pk}


def test_only_running_campaigns_advance():
    make_people(1)
    campaign = start(make_campaign())
    for state in set(Campaign.State.values) - {"running"}:
        Campaign.objects.filter(pk=campaign.pk).update(state=state)
        assert advance(MORNING) == 0


def statements(queries):
    return [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]


def test_a_batch_costs_the_same_statements_whatever_its_size():
    campaign = make_campaign({"only_if": NOT_REGISTERED}, {"wait_days": 1})
    make_people(2)
    start(campaign)
    counts = []
    for more in (0, 40):
        newcomers = make_people(more)
        Enrolment.objects.bulk_create(
            Enrolment(
                campaign=campaign,
                version=campaign.versions.get(),
                account_id=buyer.account_id,
                buyer=buyer,
                due_at=MORNING,
            )
            for buyer in newcomers
        )
        with CaptureQueriesContext(connection) as queries:
            assert advance(MORNING) == (more or 2)
        counts.append(len(statements(queries)))
    # Lock, gather, the steps, the bound of the journal, move.
    assert counts == [6, 6]


def test_nothing_due_costs_two_statements():
    make_people(1)
    start(make_campaign())
    with CaptureQueriesContext(connection) as queries:
        advance(MONDAY)
    assert len(statements(queries)) == 2


def test_somebody_permitted_meanwhile_gets_the_message():
    people = make_people(2, permitted=False)
    permit(people[:1])
    start(make_campaign())
    permit(people[1:])
    advance(MORNING)
    assert deliveries() == [("planned", ""), ("planned", "")]


def work_of(people):
    """Rows that the statement touches which takes so many enrolments further."""
    make_people(people)
    start(make_campaign())
    with connection.cursor() as cursor:
        # What earlier tests left in the statistics is not the statement's doing.
        cursor.execute("ANALYZE")
    with work.counted("WITH turn") as counted:
        advance(MORNING)
    [rows] = counted
    return rows


def test_its_work_grows_with_the_batch_and_not_with_its_square():
    people = 400
    assert work_of(people) < 100 * people


def test_a_join_of_all_with_all_would_show(monkeypatch):
    """The negative control."""
    joined = advancing._MOVE.replace(
        "FROM judged WHERE enrolment.id",
        "FROM judged LEFT JOIN wanted"
        " ON wanted.id >= judged.id AND wanted.id <= judged.id WHERE enrolment.id",
    )
    monkeypatch.setattr(advancing, "_MOVE", joined)
    people = 400
    assert work_of(people) > 100 * people
