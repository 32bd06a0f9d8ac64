"""An import's states: done once, whoever asks how often, and never half."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.utils import timezone

from accounts.customers import clock, jobs, lifecycle, tasks, uploads
from accounts.customers.importing import apply, check
from accounts.customers.models import Account, CustomerImport, ImportChange
from tests.races import at_once

from .conftest import Importing, csv, fresh

LIST = csv("number|name|email", "1|Acme|a@acme.example", "2|Bolt|b@bolt.example")
State = CustomerImport.State


@pytest.fixture
def checked(importing):
    return importing.check(LIST)


def test_the_way_from_file_to_customers_and_back(importing):
    batch = importing.upload(LIST)
    assert batch.state == State.UPLOADED
    batch = importing.check_again(batch)
    assert (batch.state, Account.objects.count()) == (State.CHECKED, 0)
    batch = importing.apply_checked(batch)
    assert (batch.state, Account.objects.count()) == (State.APPLIED, 2)
    batch = importing.undo(batch)
    assert (batch.state, Account.objects.count()) == (State.UNDONE, 0)
    again = importing.apply_checked(importing.check_again(batch))
    assert (again.state, Account.objects.count()) == (State.APPLIED, 2)


@pytest.mark.parametrize("state", [s for s in State if s != State.CHECKED])
def test_only_what_is_checked_can_be_applied(checked, state):
    CustomerImport.objects.filter(pk=checked.pk).update(state=state)
    assert lifecycle.ask_apply(checked) is False
    assert fresh(checked).state == state


@pytest.mark.parametrize("state", [s for s in State if s != State.APPLIED])
def test_only_what_is_applied_can_be_undone(checked, state):
    CustomerImport.objects.filter(pk=checked.pk).update(state=state)
    assert lifecycle.ask_undo(checked) is False


def test_a_basis_must_be_declared_before_checking(importing, db):
    batch = importing.upload(LIST)
    for declared in (lifecycle.Declared(), lifecycle.Declared("consent", "fair")):
        with pytest.raises(lifecycle.Undeclared):
            lifecycle.ask_check(batch, batch.mapping, batch.options, declared)
    assert fresh(batch).state == State.UPLOADED


def test_a_second_click_on_apply_changes_nothing(checked):
    assert lifecycle.ask_apply(checked) is True
    assert lifecycle.ask_apply(checked) is False


def test_what_is_cancelled_before_the_worker_comes_is_not_done(checked):
    lifecycle.ask_apply(checked)
    assert lifecycle.cancel(checked) is True
    assert lifecycle.run(checked.pk, clock.now) is False
    assert (fresh(checked).state, Account.objects.count()) == (State.CANCELLED, 0)


def test_a_failing_apply_leaves_everything_and_says_so(checked, monkeypatch):
    def fail(job):
        Account.objects.create(number="x", name="half", time_zone="UTC")
        raise ValueError("ana@acme.example")

    kind = jobs.kind("customers")
    monkeypatch.setitem(jobs._kinds, "customers", replace(kind, apply=fail))
    lifecycle.ask_apply(checked)
    lifecycle.run(checked.pk, clock.now)
    batch = fresh(checked)
    assert (batch.state, batch.error) == (State.CHECKED, "job_failed")
    assert not Account.objects.exists()


def test_after_three_dead_workers_an_import_is_given_up(checked):
    lifecycle.ask_apply(checked)
    CustomerImport.objects.filter(pk=checked.pk).update(attempts=3)
    lifecycle.run(checked.pk, clock.now)
    batch = fresh(checked)
    assert (batch.state, batch.error) == (State.CHECKED, "job_died")


def test_a_killed_worker_s_import_is_done_by_the_next(checked, monkeypatch):
    def die(job):
        Account.objects.create(number="x", name="half", time_zone="UTC")
        raise SystemExit

    kind = jobs.kind("customers")
    lifecycle.ask_apply(checked)
    with monkeypatch.context() as patched:
        patched.setitem(jobs._kinds, "customers", replace(kind, apply=die))
        with pytest.raises(SystemExit):
            lifecycle.run(checked.pk, clock.now)
    assert lifecycle.run(checked.pk, clock.now) is False, "the lease still runs"
    long_ago = timezone.now() - timedelta(seconds=1)
    CustomerImport.objects.filter(pk=checked.pk).update(lease_until=long_ago)
    assert lifecycle.run(checked.pk, clock.now) is True
    assert (fresh(checked).state, Account.objects.count()) == (State.APPLIED, 2)


def test_lost_rings_and_dead_workers_are_swept_up(checked, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks, "ring", rung.append)
    tasks.sweep_imports()
    assert rung == []
    lifecycle.ask_apply(checked)
    tasks.sweep_imports()
    assert rung == [checked.pk]
    row = CustomerImport.objects.filter(pk=checked.pk)
    row.update(lease_until=timezone.now() + timedelta(minutes=1))
    tasks.sweep_imports()
    assert rung == [checked.pk]
    row.update(lease_until=timezone.now() - timedelta(minutes=1))
    tasks.sweep_imports()
    assert rung == [checked.pk] * 2


def test_a_ring_nobody_hears_is_no_error(checked, monkeypatch):
    def silent(*args, **options):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.run_import, "apply_async", silent)
    tasks.ring(checked.pk)
    lifecycle.ask_apply(checked)
    assert lifecycle.waiting() == [checked.pk]


# -- At the same time, with connections of their own -----------------------------------


@pytest.fixture
def real(transactional_db):
    return Importing()


def test_ten_uploads_of_one_file_at_once_make_one_import(real):
    def upload():
        try:
            return real.upload(LIST).pk
        except uploads.Known as known:
            return known.batch.pk

    answers = at_once(upload, 10)
    assert len(set(answers)) == 1
    assert CustomerImport.objects.count() == 1


def test_without_the_rule_ten_uploads_make_ten_imports(real):
    """The negative control of the test above."""
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX import_file_open_once")
    try:
        at_once(lambda: real.upload(LIST).pk, 10)
        assert CustomerImport.objects.count() == 10
    finally:
        CustomerImport.objects.all().delete()
        with connection.schema_editor() as editor:
            rule = next(
                each
                for each in CustomerImport._meta.constraints
                if each.name == "import_file_open_once"
            )
            editor.add_constraint(CustomerImport, rule)


def test_ten_clicks_and_ten_workers_apply_once(real):
    batch = real.check(LIST)
    assert sum(at_once(lambda: lifecycle.ask_apply(batch), 10)) == 1
    assert sum(at_once(lambda: lifecycle.run(batch.pk, clock.now), 10)) == 1
    assert fresh(batch).state == State.APPLIED
    assert Account.objects.count() == 2
    assert ImportChange.objects.filter(batch=batch).count() == 4


def test_a_worker_that_woke_too_late_writes_nothing(real, monkeypatch):
    """It lost its lease in the middle; the other worker's result stands alone."""
    batch = real.check(LIST)
    lifecycle.ask_apply(batch)
    kind = jobs.kind("customers")

    def sleep_through(job):
        counts = kind.apply(job)
        steal(batch)
        return counts

    monkeypatch.setitem(jobs._kinds, "customers", replace(kind, apply=sleep_through))
    lifecycle.run(batch.pk, clock.now)
    assert Account.objects.count() == 0
    assert fresh(batch).state == State.APPLYING


def steal(batch):
    """Another worker claims the import on a connection of its own."""
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute(
            "UPDATE customers_customerimport SET owner = %s WHERE id = %s",
            [uuid4(), batch.pk],
        )
    other.close()


def test_cancel_in_the_middle_leaves_nothing_behind(real, monkeypatch):
    batch = real.check(LIST)
    lifecycle.ask_apply(batch)
    monkeypatch.setattr(apply, "SPAN", 1)
    real_write = apply.upserts.write
    written = []

    def write_and_cancel(span, at, source):
        found = real_write(span, at, source)
        written.append(span)
        if len(written) == 1:
            at_once(lambda: lifecycle.cancel(batch), 1)
        return found

    monkeypatch.setattr(apply.upserts, "write", write_and_cancel)
    lifecycle.run(batch.pk, clock.now)
    assert len(written) == 1
    assert fresh(batch).state == State.CANCELLED
    assert Account.objects.count() == 0


def test_progress_shows_while_the_work_is_under_way(real, monkeypatch):
    lines = [f"{n}|Company {n}|p{n}@x.example" for n in range(25)]
    batch = real.upload(csv("number|name|email", *lines))
    seen = []
    monkeypatch.setattr(check, "CHUNK", 10)
    real_fill = check.upserts.fill

    def fill_and_look(accounts, buyers):
        real_fill(accounts, buyers)
        seen.extend(
            at_once(
                lambda: CustomerImport.objects.values_list("rows_done", flat=True).get(
                    pk=batch.pk
                ),
                1,
            )
        )

    monkeypatch.setattr(check.upserts, "fill", fill_and_look)
    real.check_again(batch)
    assert seen == [0, 10, 20]
    assert fresh(batch).rows_total == 25
