import os

import pytest

from campaigns.sequences.sending import spool
from campaigns.sequences.sending.spool import Note, Spool


@pytest.fixture
def notes(tmp_path):
    opened = Spool(tmp_path, "sender")
    yield opened
    opened.close()


def read(folder):
    return spool.read(folder, "sender")


def test_it_tells_what_began_and_how_it_ended(tmp_path, notes):
    notes.begin((7, 1))
    notes.end((7, 1), "accepted", "250", "queued as 4F")
    notes.begin((8, 3))
    found = read(tmp_path)
    assert found.is_whole
    assert found.tries == {
        (7, 1): Note("accepted", "250", "queued as 4F"),
        (8, 3): Note("begin"),
    }


def test_no_notes_are_not_empty_notes(tmp_path, notes):
    assert read(tmp_path).tries == {}
    assert spool.read(tmp_path, "somebody else") is None


def test_a_line_that_was_cut_off_says_nothing(tmp_path, notes):
    notes.begin((7, 1))
    with notes.path.open("a") as file:
        file.write("begin\t12")
    assert set(read(tmp_path).tries) == {(7, 1)}


def test_an_answer_cannot_forge_a_line(tmp_path, notes):
    notes.end((7, 1), "refused", "550", "no\nbegin\t9\t1\t\t\naccepted\t9\t1\t\t")
    assert set(read(tmp_path).tries) == {(7, 1)}


def test_after_a_restart_of_the_computer_silence_proves_nothing(
    tmp_path, notes, monkeypatch
):
    notes.begin((7, 1))
    assert read(tmp_path).is_whole
    monkeypatch.setattr(spool, "boot_id", lambda: "another boot")
    assert not read(tmp_path).is_whole


def test_a_computer_that_does_not_name_its_boots_proves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(spool, "boot_id", lambda: "")
    Spool(tmp_path, "sender")
    assert not read(tmp_path).is_whole


def test_settled_notes_are_dropped_when_there_are_many(tmp_path, notes, monkeypatch):
    monkeypatch.setattr(spool, "LARGEST", 100)
    for number in range(20):
        notes.begin((number, 1))
    notes.settled()
    assert read(tmp_path).tries == {}
    notes.begin((99, 1))
    assert set(read(tmp_path).tries) == {(99, 1)}


def test_notes_that_are_not_settled_outlive_their_writer(tmp_path):
    for is_settled in (True, False):
        opened = Spool(tmp_path, "sender")
        opened.begin((7, 1))
        if is_settled:
            opened.settled()
        opened.close()
        assert opened.path.exists() is not is_settled


def test_a_living_writer_is_told_from_a_dead_one(tmp_path, notes):
    other = Spool(tmp_path, "other")
    assert spool.abandoned(tmp_path) == []
    os.close(other._file)
    assert spool.abandoned(tmp_path) == ["other"]
    spool.forget(tmp_path, "other")
    assert spool.abandoned(tmp_path) == []


def test_a_full_disk_is_an_error_and_not_a_silence(notes, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, line: write(file, line[:-9]))
    with pytest.raises(OSError, match="full"):
        notes.begin((7, 1))


def test_half_a_line_makes_no_nonsense_of_the_next(tmp_path, notes, monkeypatch):
    """Somebody makes room on the disk at that instant."""
    notes.begin((8, 1))
    with monkeypatch.context() as full:
        write = os.write
        full.setattr(os, "write", lambda file, line: write(file, line[:-9]))
        with pytest.raises(OSError, match="full"):
            notes.begin((7, 1))
    notes.end((8, 1), "accepted")
    assert read(tmp_path).tries == {(8, 1): Note("accepted")}
