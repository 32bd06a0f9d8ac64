"""Files on their way in, and how long they are kept."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.urls import reverse

from accounts.customers import capped, clock, lifecycle, tasks, uploads, upserts
from accounts.customers.models import (
    CustomerImport,
    ImportPart,
    StagedAccount,
    StagedBuyer,
)
from accounts.customers.readers import BadFile
from tests.factories import UserFactory

from .conftest import csv, fresh

LIST = csv("number|name|email", "1|Acme|a@acme.example")


def test_a_file_is_kept_in_pieces_that_add_up(importing, monkeypatch):
    monkeypatch.setattr(uploads, "PIECE", 10)
    batch = importing.upload(LIST)
    parts = ImportPart.objects.filter(batch=batch).order_by("number")
    assert [len(part.data) for part in parts[:2]] == [10, 10]
    assert b"".join(bytes(part.data) for part in parts) == LIST.encode()
    assert batch.size == len(LIST)
    assert importing.check_again(batch).counts["accounts_create"] == 1


def test_what_is_refused_leaves_nothing_behind(importing):
    with pytest.raises(BadFile):
        importing.upload("number;name\n")
    assert not CustomerImport.objects.exists()
    assert not ImportPart.objects.exists()


def test_a_file_that_is_too_big_says_so(importing, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_BYTES", 50)
    with pytest.raises(BadFile) as bad:
        importing.upload("number;name\n" + "1;x\n" * 50)
    assert bad.value.code == "file_too_big"


def test_no_more_of_it_reaches_the_disk_than_shows_that(client, db, monkeypatch):
    monkeypatch.setattr(capped, "MOST_BYTES", 100_000)
    monkeypatch.setattr(uploads, "MOST_BYTES", 100_000)
    written = _note_what_is_written(monkeypatch)
    client.force_login(UserFactory(role="administrator"))
    big = io.BytesIO(b"number;name\n" + b"1;x\n" * 500_000)
    big.name = "big.csv"
    url = reverse("admin:customers_customerimport_add")
    page = client.post(url, {"kind": "customers", "file": big})
    assert "bigger than 20 MB" in page.content.decode()
    assert sum(written) <= 100_000 + 2 * 64 * 1024


def test_several_files_count_together(client, db, monkeypatch):
    monkeypatch.setattr(capped, "MOST_BYTES", 100_000)
    monkeypatch.setattr(uploads, "MOST_BYTES", 100_000)
    client.force_login(UserFactory(role="administrator"))
    written = _note_what_is_written(monkeypatch)
    files = {f"file{n}": io.BytesIO(b"x" * 90_000) for n in range(20)}
    client.post(reverse("admin:customers_customerimport_add"), files)
    assert sum(written) <= 100_000 + 2 * 64 * 1024


@pytest.mark.parametrize("path", ["/accounts/login/", "/i/accept", "/u/x"])
def test_of_strangers_files_nothing_reaches_the_disk(client, db, monkeypatch, path):
    written = _note_what_is_written(monkeypatch)
    client.post(path, {"file": io.BytesIO(b"x" * 900_000)})
    assert written == []


def _note_what_is_written(monkeypatch):
    written = []
    real = TemporaryFileUploadHandler.receive_data_chunk

    def note(self, raw_data, start):
        written.append(len(raw_data))
        return real(self, raw_data, start)

    monkeypatch.setattr(TemporaryFileUploadHandler, "receive_data_chunk", note)
    return written


def test_files_are_forgotten_after_a_while_and_say_so(importing):
    batch = importing.apply(LIST)
    assert uploads.forget_old(clock.now()) == 0
    later = clock.now() + timedelta(days=uploads.KEPT_DAYS + 1)
    assert uploads.forget_old(later) == 1
    assert importing.undo(batch).state == "undone", "an undo needs no file"
    again = importing.check_again(fresh(batch))
    assert (again.state, again.error) == ("failed", "file_gone")


def test_lines_that_wait_for_nothing_are_swept(importing):
    waiting = importing.check(LIST)
    dropped = importing.check(csv("number|name|email", "2|Bolt|b@bolt.example"))
    lifecycle.cancel(dropped)
    tasks.sweep_imports()
    assert {row.stage for row in StagedAccount.objects.all()} == {waiting.stage}
    assert {row.stage for row in StagedBuyer.objects.all()} == {waiting.stage}
    assert importing.apply_checked(waiting).counts["accounts_create"] == 1
    assert upserts.sweep() == 0
