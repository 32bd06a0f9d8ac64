"""A restored backup is told of who was no buyer, too: by keyed hashes alone."""

import io
import json

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.consent import suppression
from accounts.consent.models import ErasedName, PrivacyAct
from accounts.consent.privacy import care, registry, strangers, traces
from accounts.consent.privacy.erase import erase
from accounts.customers import addresses, uploads
from accounts.customers.models import Buyer, ImportPart
from accounts.journal.models import UnknownBuyer, UnmatchedEvent
from tests.factories import BuyerFactory, UserFactory

from .scenes import ANOTHER, AT, HER, report, take, where

ID = "web-5521"


def listed_by(path, *people, then=lambda: None):
    """The list of a database that has since been put back to before the erasures."""
    with transaction.atomic():
        for person in people:
            assert strangers.erase_unknown(
                person, reason="request", by=UserFactory(), at=AT, leave_alone=True
            )
        then()
        with path.open("w") as file:
            call_command("erasures", stdout=file)
        transaction.set_rollback(True)
    return path


@pytest.fixture
def listed(named, tmp_path):
    return listed_by(tmp_path / "erased.jsonl", strangers.find(HER))


def again(path, capsys):
    call_command("erasures", "--again", str(path))
    for act in PrivacyAct.objects.filter(finished_at=None):
        care.go_on(act.pk, act.at + care.AFTERWARDS)
    return capsys.readouterr().out


def test_the_list_names_nobody(listed):
    told = json.loads(listed.read_text())

    assert told["names"] == [["address", addresses.hash_of(HER).hex()]]
    assert "iria" not in listed.read_text().lower()


def test_who_was_no_buyer_is_erased_again_and_nobody_else(listed, capsys):
    assert where()

    assert again(listed, capsys) == "Erased again: 1.\n"

    assert where() == []
    assert where(ANOTHER)
    assert suppression.active(addresses.hash_of(HER)).exists()
    act = PrivacyAct.objects.get()
    assert (act.reason, act.by) == ("request", None)
    take(report("order-9", HER, amount="7.00", currency="EUR"))
    assert where() == []
    assert again(listed, capsys) == "Erased again: 0.\n"


def test_who_did_not_look_for_her_would_leave_her(listed, capsys, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(traces, "find", lambda hashes: {})

    again(listed, capsys)

    assert "journal_unknownbuyer" in where()


def test_who_stands_in_a_file_alone_is_found(db, tmp_path, capsys):
    listed = listed_by(tmp_path / "erased.jsonl", strangers.find(HER))
    for name, line in (("hers.csv", HER), ("other.csv", ANOTHER)):
        file = f"Customer No;E-mail\n;{line}\n".encode()
        uploads.receive(io.BytesIO(file), name, "customers")

    assert again(listed, capsys) == "Erased again: 1.\n"

    assert ImportPart.objects.get().batch.file_name == "other.csv"


@pytest.mark.parametrize(
    "told", [HER, f"Buyer <{HER.upper()}>.", f"order-{HER}-1", f"a\n{HER}\tb"]
)
def test_she_is_found_in_whatever_was_written(db, tmp_path, capsys, told):
    listed = listed_by(tmp_path / "erased.jsonl", strangers.find(HER))
    LogEntry.objects.create(
        user=UserFactory(), action_flag=CHANGE, object_repr="", change_message=told
    )
    take(report("in-1", kind="logged_in", account="NOBODY", note=told))

    assert again(listed, capsys) == "Erased again: 1.\n"

    assert where() == []


def test_whom_the_backup_does_not_hold_is_noted_for_late_news(
    company, tmp_path, capsys
):
    listed = listed_by(tmp_path / "erased.jsonl", strangers.find(HER))

    said = again(listed, capsys)

    assert said == (
        "Erased again: 0.\nNot here, but noted for when they are named again: 1.\n"
    )
    take(report(f"order-{HER}-1", HER, amount="7.00", currency="EUR"))
    assert where() == []
    assert suppression.active(addresses.hash_of(HER)).exists()
    assert again(listed, capsys) == "Erased again: 0.\n"


def test_so_is_a_buyer_who_came_after_the_backup(company, tmp_path, capsys):
    def come_and_go():
        buyer = BuyerFactory(account=company, email=HER, external_id=ID)
        erase(buyer, reason="request", by=None, at=AT, leave_alone=True)

    listed = listed_by(tmp_path / "erased.jsonl", then=come_and_go)
    take(report("order-1", HER), report("order-2", called=ID))

    assert again(listed, capsys).startswith("Erased again: 1.\n")

    assert where() == where(ID) == []
    assert not Buyer.objects.filter(email_key=HER).exists()
    take(report("order-3", HER), report("order-4", called=ID))
    assert where() == where(ID) == []


def test_who_has_come_back_since_as_a_buyer_stays(named, company, listed, capsys):
    BuyerFactory(account=company, email=HER)

    again(listed, capsys)

    assert Buyer.objects.get(email_key=HER).erased_at is None


def test_whom_the_store_alone_knows_is_erased_again(company, tmp_path, capsys):
    take(
        report("order-1", called=ID),
        report("order-2", called="web-5522"),
        report("in-1", called=ID, kind="logged_in", account="NOBODY"),
    )
    people = strangers.find_called(ID)
    assert len(people) == 2
    listed = listed_by(tmp_path / "erased.jsonl", *people)
    assert ID not in listed.read_text()

    assert again(listed, capsys) == "Erased again: 2.\n"

    assert where(ID) == []
    assert where("web-5522")
    take(report("in-2", called=ID, kind="logged_in", account="NOBODY"))
    assert where(ID) == []
    assert UnmatchedEvent.objects.count() == 2
    assert UnknownBuyer.objects.count() == 2
    assert ErasedName.objects.count() == 2
    assert again(listed, capsys) == "Erased again: 0.\n"


def test_a_list_of_an_older_version_is_read(person, tmp_path, capsys):
    path = tmp_path / "older.jsonl"
    told = {"buyer": str(person.uuid), "reason": "request", "leave_alone": True}
    path.write_text(json.dumps({**told, "at": AT.isoformat()}) + "\n")

    assert again(path, capsys) == "Erased again: 1.\n"


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "5",
        '{"buyer": "nobody", "reason": "request", "leave_alone": true}',
        '{"names": [["address", "xy"]], "reason": "request", "leave_alone": true}',
        '{"names": 5, "reason": "request", "leave_alone": true}',
        '{"names": [], "reason": "because", "leave_alone": true}',
    ],
)
def test_a_line_that_says_nothing_stops_it_before_anything(listed, line, capsys):
    listed.write_text(listed.read_text() + line + "\n")

    with pytest.raises(CommandError, match="cannot be read"):
        again(listed, capsys)

    assert not PrivacyAct.objects.exists()


def test_every_binary_column_can_be_searched(db):
    """One that nobody can read as text would stop the whole search."""
    assert list(traces._texts()) == []
    assert len(registry.registered()) > 20


def test_an_address_is_read_out_of_what_it_is_joined_to():
    assert HER in set(traces.keys_in(f"login-{HER}-2026"))
    assert "maria@xn--espaa-rta.example" not in set(traces.keys_in(HER))
    assert "ana@xn--espaa-rta.com" in set(traces.keys_in("<ana@españa.com>"))
    assert list(traces.keys_in("no address @ all")) == []
