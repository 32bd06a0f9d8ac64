"""Lists of addresses to leave alone: in, out, and in again."""

import csv
import io
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.consent import choices, lists, suppression
from accounts.consent.models import Suppression
from accounts.customers import addresses
from tests.factories import BuyerFactory, UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
IMPORT = "/admin/consent/suppression/import/"


@pytest.fixture
def take_in(tmp_path):
    def take_in(text, scope="marketing"):
        path = tmp_path / "list.csv"
        path.write_bytes(text.encode())
        by = UserFactory()
        return lists.take_in(path, scope, name="list.csv", by=by, at=NOW)

    return take_in


def kept():
    rows = Suppression.objects.filter(lifted_at=None).order_by("pk")
    return {(bytes(row.address_hash), row.scope) for row in rows}


def hash_of(email):
    return addresses.check(email).hash


def test_every_address_of_a_list_is_left_alone(take_in):
    taken = take_in("email;note\nana@x.example\nBEA@x.example;\n")
    assert (taken.new, taken.known, taken.bad) == (2, 0, 0)
    assert kept() == {
        (hash_of("ana@x.example"), "marketing"),
        (hash_of("bea@x.example"), "marketing"),
    }
    assert Suppression.objects.first().reason == "by_hand"


def test_the_second_column_may_say_what_is_held_back(take_in):
    take_in("email,scope\nana@x.example,all\nbea@x.example,\n")
    assert {scope for _hash, scope in kept()} == {"all", "marketing"}


def test_bad_lines_are_told_of_and_the_others_count(take_in):
    taken = take_in("email,scope\nana@x.example,\nno address,\nbea@x.example,some\n")
    assert (taken.new, taken.bad) == (1, 2)
    assert [wrong.line for wrong in taken.wrong] == [3, 4]
    assert all(str(wrong.sentence) for wrong in taken.wrong)


def test_the_same_list_again_is_no_news(take_in):
    for expected in ((1, 0), (0, 1)):
        taken = take_in("email\nana@x.example\nana@x.example\n")
        assert (taken.new, taken.known) == expected


def test_a_list_takes_no_suppression_back_and_weakens_none(take_in):
    buyer = BuyerFactory(email="ana@x.example")
    choices.object_to_marketing(
        buyer, choices.COMPLAINT, "postmark", NOW, reason="complained"
    )
    take_in("email\nana@x.example\n")
    (row,) = suppression.active(hash_of("ana@x.example"))
    assert row.reason == "complained"


def test_many_lines_come_in_portions(take_in, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(lists, "BATCH", 10)
    text = "email\n" + "".join(f"a{n}@x.example\n" for n in range(25))
    assert take_in(text).new == 25


def test_what_is_given_out_is_taken_in_again(take_in, tmp_path):
    take_in("email,scope\nana@x.example,all\nbea@x.example,\n")
    before = kept()
    out = io.StringIO()
    csv.writer(out).writerows(lists.lines())
    for row in Suppression.objects.all():
        suppression.lift(row, "to see it come back", at=NOW, by=None)
    taken = take_in(out.getvalue())
    assert taken.bad == 0
    assert kept() == before


# -- The page --------------------------------------------------------------------------


@pytest.fixture
def marketer(client):
    client.force_login(UserFactory())
    return client


def upload(client, content, name="list.csv", scope="marketing"):
    file = SimpleUploadedFile(name, content)
    return client.post(IMPORT, {"file": file, "scope": scope})


def test_marketing_imports_a_list_and_reads_what_became_of_it(marketer):
    page = upload(marketer, b"email\nana@x.example\nnobody\n").text
    assert "1 address is left alone from now on" in page
    assert "Line 3:" in page
    assert len(kept()) == 1


@pytest.mark.parametrize("content", [b"\x00\x01\x02", b"", b"email\n"])
def test_a_file_that_is_no_list_is_told_of(marketer, content):
    page = upload(marketer, content)
    assert page.status_code == 200
    assert not kept()


def test_the_list_is_given_out_as_a_file(marketer, take_in):
    take_in("email\nana@x.example\n")
    answer = marketer.get("/admin/consent/suppression/export/")
    assert answer["Content-Disposition"] == 'attachment; filename="suppressed.csv"'
    assert hash_of("ana@x.example").hex() in b"".join(answer).decode()


def test_who_may_only_read_may_not_import(client):
    client.force_login(UserFactory(role="marketing_editor"))
    assert client.get(IMPORT).status_code == 403
    assert client.get("/admin/consent/suppression/export/").status_code == 200


def test_the_pages_of_the_list_lead_there(marketer):
    page = marketer.get("/admin/consent/suppression/").text
    assert IMPORT in page
