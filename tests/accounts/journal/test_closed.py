"""The journal is closed: by the ORM, and by the database for everybody else."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from accounts.journal import clock, partitions
from accounts.journal.models import Event, JournalClosed
from accounts.journal.record import record

from .conftest import event


@pytest.fixture
def kept(account, buyer):
    return Event.objects.get(pk=record(event(account, buyer)).event_id)


def execute(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "write",
    [
        lambda kept: kept.save(),
        lambda kept: kept.delete(),
        lambda kept: Event(kind="ordered").save(),
        lambda kept: Event.objects.create(kind="ordered"),
        lambda kept: Event.objects.bulk_create([Event(kind="ordered")]),
        lambda kept: Event.objects.bulk_update([kept], ["kind"]),
        lambda kept: Event.objects.get_or_create(kind="ordered"),
        lambda kept: Event.objects.update_or_create(kind="ordered"),
        lambda kept: Event.objects.update(kind="ordered"),
        lambda kept: Event.objects.filter(pk=kept.pk).delete(),
        lambda kept: Event._base_manager.all().delete(),
    ],
)
def test_no_model_writes_it(kept, write):
    with pytest.raises(JournalClosed):
        write(kept)


@pytest.mark.parametrize("table", ["journal_event", "its partition"])
@pytest.mark.parametrize("deed", ["UPDATE {} SET kind = 'x'", "DELETE FROM {}"])
def test_no_statement_changes_it(kept, deed, table):
    if table == "its partition":
        table = partitions.name_of(kept.recorded_at.astimezone(UTC))

    with pytest.raises(IntegrityError, match="append-only"):
        execute(deed.format(table))


@pytest.mark.parametrize("table", ["journal_event", "its partition"])
def test_nobody_empties_it(kept, table):
    if table == "its partition":
        table = partitions.name_of(kept.recorded_at.astimezone(UTC))
    execute("SET LOCAL onboarding.history = ''")

    with pytest.raises(IntegrityError, match="append-only"):
        execute(f"TRUNCATE {table}")


def test_the_door_of_the_tests_opens_for_emptying_alone(kept):
    execute("TRUNCATE journal_event")

    assert not Event.objects.exists()


def test_erasure_blanks_but_does_not_delete(kept):
    execute("SET LOCAL onboarding.history = 'erase'")

    execute("UPDATE journal_event SET data = '{}'")
    with pytest.raises(IntegrityError, match="append-only"):
        execute("DELETE FROM journal_event")


def test_whom_it_speaks_of_stays(kept, account, buyer):
    with pytest.raises(ProtectedError):
        buyer.delete()


def test_this_month_and_the_next_are_there_after_migrating(db):
    now = clock.now()

    assert partitions.ready(now)
    assert partitions.ensure(now) == []


def test_months_are_made_ahead_across_a_year(db):
    november = datetime(2031, 11, 5, tzinfo=UTC)
    assert not partitions.ready(november)

    made = partitions.ensure(november)

    assert made == [
        f"journal_event_{month}"
        for month in ("2031_11", "2031_12", "2032_01", "2032_02")
    ]
    assert partitions.ready(november)
    assert not partitions.ready(datetime(2032, 2, 5, tzinfo=UTC))


def test_a_month_made_later_is_closed_too(db):
    partitions.ensure(datetime(2031, 11, 5, tzinfo=UTC))
    execute("SET LOCAL onboarding.history = ''")

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger "
            "WHERE tgrelid = 'journal_event_2031_11'::regclass ORDER BY 1"
        )
        assert [name for (name,) in cursor.fetchall()] == [
            "journal_guard",
            "journal_guard_truncate",
        ]
    with pytest.raises(IntegrityError, match="append-only"):
        execute("TRUNCATE journal_event_2031_11")


def test_a_month_belongs_to_the_universal_day_not_to_a_zone(db):
    before_new_year = datetime(2031, 12, 31, 23, 30, tzinfo=UTC)

    assert partitions.ensure(before_new_year)[0] == "journal_event_2031_12"
