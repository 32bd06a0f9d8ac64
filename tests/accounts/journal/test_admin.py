"""The journal's pages in the admin: who reads them, and what can be done there."""

import html
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from accounts.journal import intake, kinds, lists, react, reactions
from accounts.journal.filters import DaysForm
from accounts.journal.models import (
    Event,
    EventConflict,
    EventPoison,
    UnknownBuyer,
    UnmatchedEvent,
)
from accounts.journal.record import record, record_many
from accounts.journal.reports import Report
from accounts.staff.models import Role
from tests.factories import AccountFactory, BuyerFactory, UserFactory

from .conftest import NOON, event, order

PAGES = ("event", "unmatchedevent", "unknownbuyer", "eventpoison", "eventconflict")


def page(name, *arguments):
    return reverse(f"admin:journal_{name}", args=arguments)


@pytest.fixture
def manager(client, db):
    client.force_login(UserFactory(role=Role.MARKETING_MANAGER))
    return client


@pytest.fixture
def editor(client, db):
    client.force_login(UserFactory(role=Role.MARKETING_EDITOR))
    return client


def report(key="order-1", number="77", **buyer):
    data = {"channel": "online", "amount": "1249.90", "currency": "EUR"}
    return Report(key, kinds.ORDERED, NOON, number, buyer, {**data, "document": "D1"})


@pytest.fixture
def everything(account, buyer, monkeypatch):
    """A row on every page."""
    intake.take([report()], "api:store", NOON)
    told = order(account, buyer, document="AB-1", amount="1249.90", key="k")
    record(told)
    record(order(account, buyer, document="AB-1", amount="2", key="l"))
    unknown = report("s", account.number, email="zoe@acme.example")
    intake.take([unknown], "api:store", NOON)
    EventPoison.objects.create(
        event_id=Event.objects.order_by("id")[0].pk,
        recorded_at=Event.objects.order_by("id")[0].recorded_at,
        account=account,
        kind=kinds.ORDERED,
        reaction="dance",
        error="ValueError: two left feet",
        failed_at=NOON,
    )


@pytest.mark.parametrize("name", PAGES)
def test_lists_and_rows_open(manager, everything, name):
    models = (Event, UnmatchedEvent, UnknownBuyer, EventPoison, EventConflict)
    model = next(one for one in models if one._meta.model_name == name)
    row = model.objects.first()

    listed = manager.get(page(f"{name}_changelist"))
    shown = manager.get(page(f"{name}_change", row.pk))

    assert listed.status_code == shown.status_code == 200
    assert "_save" not in shown.content.decode()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("deed", ["add", "delete"])
def test_nothing_is_added_or_deleted_by_hand(manager, everything, name, deed):
    arguments = [] if deed == "add" else [1]

    assert manager.get(page(f"{name}_{deed}", *arguments)).status_code == 403


@pytest.mark.parametrize("role", [Role.ANALYST, Role.SALES_REP])
def test_who_has_no_business_here(client, everything, role):
    client.force_login(UserFactory(role=role))

    for name in PAGES:
        assert client.get(page(f"{name}_changelist")).status_code in {302, 403}


def test_an_event_is_shown_in_words(manager, everything):
    text = manager.get(page("event_changelist")).content.decode()

    assert "Online · 1,249.90 EUR · AB-1" in text
    assert "Ordered" in text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=C-1", 1),
        ("?q=Acme", 1),
        ("?q=ruiz", 1),
        ("?q=ANA@acme.example", 1),
        ("?q=nobody", 0),
        ("?kind=logged_in", 1),
        ("?kind=ordered", 0),
        ("?source=api:store", 0),
        ("?recorded_at_from=2099-01-01", 0),
        ("?recorded_at_from=2001-01-01&recorded_at_to=2099-12-31", 1),
    ],
)
def test_events_are_found(manager, db, query, found):
    account = AccountFactory(number="C-1", name="Acme")
    buyer = BuyerFactory(account=account, last_name="Ruiz", email="ana@acme.example")
    record(event(account, buyer))

    answer = manager.get(page("event_changelist") + query)

    assert answer.context["cl"].result_count == found


@pytest.mark.parametrize(
    ("occurred", "first", "last", "found"),
    [
        # Where this runs it is Tuesday already, an hour before midnight in UTC.
        ("2026-11-23T23:00", "2026-11-24", "2026-11-24", 1),
        ("2026-11-23T22:59", "2026-11-24", "2026-11-24", 0),
        ("2026-11-24T22:59", "2026-11-24", "2026-11-24", 1),
        ("2026-11-24T23:00", "2026-11-24", "2026-11-24", 0),
        ("2026-11-24T12:00", "", "2026-11-23", 0),
        ("2026-11-24T12:00", "2026-11-25", "", 0),
        ("2026-11-24T12:00", "", "", 1),
    ],
)
def test_both_days_of_a_period_are_whole(
    manager, account, settings, occurred, first, last, found
):
    settings.TIME_ZONE = "Europe/Madrid"
    at = datetime.fromisoformat(occurred).replace(tzinfo=UTC)
    record(event(account, occurred_at=at))

    days = f"?occurred_at_from={first}&occurred_at_to={last}"
    answer = manager.get(page("event_changelist") + days)

    assert answer.context["cl"].result_count == found


def test_a_last_day_before_the_first_one_is_said_and_filters_nothing(manager, account):
    record(event(account))

    days = "?occurred_at_from=2026-11-24&occurred_at_to=2026-11-23"
    answer = manager.get(page("event_changelist") + days)

    assert answer.context["cl"].result_count == 1
    assert "This day is before the first one." in answer.text


@pytest.mark.parametrize("day", ["tomorrow", "0001-01-01", "9999-12-31"])
def test_a_day_that_nobody_means_is_marked_and_filters_nothing(manager, account, day):
    record(event(account))

    answer = manager.get(page("event_changelist") + f"?occurred_at_from={day}")

    assert answer.context["cl"].result_count == 1
    form = DaysForm("occurred_at", {"occurred_at_from": day})
    [error] = form.errors["occurred_at_from"]
    assert error in html.unescape(answer.content.decode())


def test_the_events_of_one_account_or_buyer(manager, account, buyer):
    record_many([event(account, buyer), event(account), event(AccountFactory())])

    of_account = manager.get(page("event_changelist") + f"?account={account.pk}")
    of_buyer = manager.get(page("event_changelist") + f"?buyer={buyer.pk}")

    assert of_account.context["cl"].result_count == 2
    assert of_buyer.context["cl"].result_count == 1


def test_a_long_journal_is_counted_no_further_than_it_is_paged(
    manager, account, monkeypatch
):
    monkeypatch.setattr(lists, "MOST_COUNTED", 3)
    record_many(event(account) for _ in range(10))

    answer = manager.get(page("event_changelist"))

    assert answer.context["cl"].result_count == 3
    assert "The newest 3 events are listed" in answer.content.decode()


def test_the_account_and_the_buyer_show_their_history(manager, account, buyer):
    record(order(account, buyer, document="AB-1"))
    for name, row in (("account", account), ("buyer", buyer)):
        url = reverse(f"admin:customers_{name}_change", args=[row.pk])
        text = manager.get(url).content.decode()

        assert "AB-1" in text
        assert f"{page('event_changelist')}?{name}={row.pk}" in text


def act(client, name, action, *rows):
    return client.post(
        page(f"{name}_changelist") + "?state=all",
        {"action": action, "_selected_action": [row.pk for row in rows]},
        follow=True,
    )


def test_unmatched_events_say_what_to_do(manager, db):
    intake.take([report(f"{n}") for n in range(3)], "api:store", NOON)

    answer = manager.get(page("unmatchedevent_changelist"))

    assert answer.context["most_missed"][0]["events"] == 3
    assert "Is the customer missing?" in answer.content.decode()


def test_an_empty_list_speaks_of_filters_only_where_there_are_any(manager, db):
    address = page("unmatchedevent_changelist")

    assert "Nothing here yet" in manager.get(address).text
    filtered = manager.get(address + "?q=77").text
    assert "Take the search and the filters away" in filtered
    assert "Create a new item" not in filtered


def test_a_number_is_shown_as_it_was_reported(manager, db):
    intake.take([report(number="NoExiste")], "api:store", NOON)

    page_ = manager.get(page("unmatchedevent_changelist")).text

    assert "NoExiste" in page_


def test_a_manager_matches_again(manager, db):
    intake.take([report()], "api:store", NOON)
    AccountFactory(number="77")

    answer = act(manager, "unmatchedevent", "match_again", UnmatchedEvent.objects.get())

    assert "1 event found its account." in answer.content.decode()
    assert Event.objects.count() == 1


def test_a_manager_dismisses_what_is_not_ours(manager, db):
    intake.take([report()], "api:store", NOON)
    row = UnmatchedEvent.objects.get()

    answer = act(manager, "unmatchedevent", "dismiss", row)

    assert "1 event dismissed." in answer.content.decode()
    row.refresh_from_db()
    assert row.dismissed_at is not None
    assert (
        manager.get(page("unmatchedevent_changelist")).context["cl"].result_count == 0
    )


def test_a_manager_tries_again(manager, account, monkeypatch):
    got = []
    here = {
        "dance": reactions.Reaction("dance", None, lambda facts, at: got.extend(facts))
    }
    monkeypatch.setattr(reactions, "_registered", here)
    outcome = record(event(account))
    kept = Event.objects.get()
    row = EventPoison.objects.create(
        event_id=outcome.event_id,
        recorded_at=kept.recorded_at,
        account=account,
        kind=kept.kind,
        reaction="dance",
        error="ValueError",
        failed_at=NOON,
    )

    answer = act(manager, "eventpoison", "retry", row)

    assert "1 of 1 event was digested." in answer.content.decode()
    assert [fact.event_id for fact in got] == [outcome.event_id]


@pytest.mark.parametrize(
    ("name", "action"),
    [("unmatchedevent", "dismiss"), ("eventpoison", "retry")],
)
def test_an_editor_reads_but_does_not_act(editor, everything, name, action):
    model = UnmatchedEvent if name == "unmatchedevent" else EventPoison
    row = model.objects.first()

    act(editor, name, action, row)

    row.refresh_from_db()
    assert getattr(row, "dismissed_at", None) is None
    assert getattr(row, "retried_at", None) is None


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_in_spanish(client, everything, name):
    client.force_login(UserFactory(role=Role.MARKETING_MANAGER, language="es"))

    assert client.get(page(f"{name}_changelist")).status_code == 200


def test_a_list_costs_the_same_for_any_number_of_rows(
    manager, account, buyer, django_assert_max_num_queries
):
    record_many(order(account, buyer, days=day) for day in range(60))
    react.react_to_all(NOON)

    with django_assert_max_num_queries(9):
        manager.get(page("event_changelist"))
