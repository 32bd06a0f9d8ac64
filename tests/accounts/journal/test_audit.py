"""The audit: quiet when all is well, loud and precise when something is broken."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.journal import clock, invariants, react
from accounts.journal.models import AccountProgress, EventInbox, EventKey
from accounts.journal.record import record, record_many

from .conftest import NOON, event, order


@pytest.fixture
def history(account, buyer):
    record_many(order(account, buyer, days=day, document=f"D{day}") for day in range(5))
    react.react_to_all(NOON)


def broken():
    return {
        finding.invariant.sentence: finding.broken
        for finding in invariants.audit(clock.now())
        if not finding.holds
    }


def execute(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def test_all_is_well(history, capsys):
    call_command("audit")

    assert "BROKEN" not in capsys.readouterr().out
    assert {one.code for one in invariants.registered()} >= {"I8", "I10", "I11"}


def test_a_wrong_sum(history, account):
    AccountProgress.objects.update(online_count=99)

    [found] = broken().values()

    assert found.count == 1
    assert list(found.examples) == [f"journal_accountprogress {account.pk}"]


def test_a_missing_row(history):
    AccountProgress.objects.all().delete()

    assert "The progress tables equal a replay of the journal." in broken()


def test_the_command_fails_and_says_why(history, capsys):
    AccountProgress.objects.update(online_count=99)

    with pytest.raises(CommandError, match="I8"):
        call_command("audit")

    assert "journal_accountprogress" in capsys.readouterr().out


def test_for_machines(history, capsys):
    AccountProgress.objects.update(online_count=99)

    with pytest.raises(CommandError):
        call_command("audit", "--json")

    found = json.loads(capsys.readouterr().out)
    assert [one["count"] for one in found if not one["holds"]] == [1]


def test_an_event_without_its_key(history):
    EventKey.objects.exclude(source="document").filter(key__startswith="event").delete()

    assert broken()["Every event holds its own key, and so counts once."].count == 5


def test_a_key_without_its_event(history):
    EventKey.objects.create(source="a", key="b", event_id=0, digest=b"")

    assert broken()["Every key leads to an event."].examples == ("key a:b",)


def test_an_event_without_its_account(account):
    record(event(account))
    react.react_to_all(NOON)
    AccountProgress.objects.all()._raw_delete(using="default")
    execute("DELETE FROM customers_account WHERE id = %s", account.pk)

    assert broken()["Every event has its account."].count == 1


def test_an_event_with_a_stranger_as_its_buyer(account, buyer):
    from tests.factories import BuyerFactory

    record(event(account, BuyerFactory()))
    react.react_to_all(NOON)

    [found] = broken().values()
    assert found.count == 1


def test_a_stale_inbox(account):
    record(event(account))
    assert not broken()

    EventInbox.objects.update(recorded_at=clock.now() - timedelta(hours=1))

    assert broken()["No event waits long for its reactions."].count == 1


def test_other_apps_add_their_own(db, monkeypatch):
    monkeypatch.setattr(invariants, "_registered", {})
    invariants.register("I1", "One is one.", lambda at: invariants.Broken(0))
    invariants.register(
        "I2", "Two is one.", lambda at: invariants.count("SELECT 'case ' || 2")
    )

    assert broken() == {"Two is one.": invariants.Broken(1, ("case 2",))}


@pytest.mark.django_db(transaction=True)
def test_it_looks_at_one_moment_and_writes_nothing(monkeypatch):
    seen = []

    def look(at):
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            seen.append(cursor.fetchone()[0])
            cursor.execute("SHOW transaction_read_only")
            seen.append(cursor.fetchone()[0])
        return invariants.Broken(0)

    monkeypatch.setattr(invariants, "_registered", {})
    invariants.register("I1", "Looks.", look)

    invariants.audit(clock.now())

    assert seen == ["repeatable read", "on"]
