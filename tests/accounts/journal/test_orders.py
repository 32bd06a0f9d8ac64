"""Orders from files: by hand in the admin, and on the command line."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from accounts.customers.importing.cells import BadCell
from accounts.customers.models import Account, ImportMapping
from accounts.customers.readers import Exact, Row
from accounts.journal import clock, kinds, matching, react
from accounts.journal.models import (
    AccountProgress,
    ChannelMonth,
    Event,
    EventConflict,
    UnmatchedEvent,
)
from accounts.journal.orders import words
from accounts.journal.orders.instants import instant
from accounts.journal.orders.options import defaults
from accounts.journal.orders.reading import Reader, Refused
from tests.accounts.customers.conftest import importing, issues, quiet  # noqa: F401
from tests.factories import AccountFactory, BuyerFactory

from .conftest import NOON

HEADER = "Document no,Customer no,Order date,Net amount,Type,Channel,Country"
COLUMNS = {"document": 0, "number": 1, "date": 2, "amount": 3, "type": 4, "channel": 5}
LINES = [
    "D1,104000,2026-03-02T09:00:00,100.00,invoice,online,ES",
    "D2,104000,2026-03-03T09:00:00,50.5,invoice,phone,ES",
    "C1,104000,2026-03-04,-20.00,credit_note,,ES",
    "D3,105000,2026-03-05 18:30,7,order,web,PT",
]


def written(*lines):
    return "\n".join([HEADER, *lines]) + "\n"


@pytest.fixture
def file(tmp_path):
    def write(*lines, name="orders.csv", header=HEADER):
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]) + "\n")
        return path

    return write


@pytest.fixture
def load(capsys, db):
    """Run the command; what it says."""

    def run(path, *arguments):
        call_command("import_orders", str(path), *arguments)
        return capsys.readouterr()

    return run


@pytest.fixture
def account(db):
    return AccountFactory(number="0000104000")


# -- One line --------------------------------------------------------------------------


def read(*cells, **options):
    reader = Reader(COLUMNS, {**defaults(), "zone": "Europe/London", **options}, NOON)
    return reader.read(Row(2, list(cells))).report


def why(*cells, **options):
    with pytest.raises(Refused) as refused:
        read(*cells, **options)
    return refused.value.code


def test_a_line_becomes_a_report():
    report = read("D1", "104000", "2026-03-02T09:00:00", "1,100.50", "Invoice", "Web")

    assert report.kind == kinds.ORDERED
    assert report.occurred_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert report.data == {
        "amount": "1100.50",
        "currency": "EUR",
        "document": "D1",
        "channel": "online",
    }


def test_without_a_kind_the_sign_tells_it():
    assert read("D1", "1", "2026-03-02", "5").kind == kinds.ORDERED
    assert read("D1", "1", "2026-03-02", "5-").kind == kinds.CREDIT_NOTE
    assert read("D1", "1", "2026-03-02", "-5").data["amount"] == "5.00"


def test_a_credit_note_has_no_channel_unless_it_says_one():
    assert "channel" not in read("D1", "1", "2026-03-02", "5", "abono").data
    assert read("D1", "1", "2026-03-02", "5", "abono", "fax").data["channel"] == "fax"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (("", "1", "2026-03-02", "5"), "document_missing"),
        (("D1", "", "2026-03-02", "5"), "number_missing"),
        (("D1", "1", "", "5"), "date_missing"),
        (("D1", "1", "2026-03-02", ""), "amount_missing"),
        (("D1",), "number_missing"),
        (("D1", "1", "soon", "5"), "not_a_date"),
        (("D1", "1", "00000000", "5"), "not_a_date"),
        (("D1", "1", "2026-03-02 25:00", "5"), "not_a_time"),
        (("D1", "1", "1955-03-02", "5"), "too_early"),
        (("D1", "1", "2026-03-04", "5"), "too_late"),
        (("D1", "1", "2026-03-02", "five"), "not_a_number"),
        (("D1", "1", "2026-03-02", "-5", "invoice"), "order_negative"),
        (("D1", "1", "2026-03-02", "5", "poem"), "document_type_unknown"),
        (("D1", "1", "2026-03-02", "5", "", "pigeon"), "channel_unknown"),
        (("D1\x00", "1", "2026-03-02", "5"), "hidden"),
        (("=1+1", "1", "2026-03-02", "5"), "formula"),
        (("D1", "1,04E+11", "2026-03-02", "5"), "number_scientific"),
    ],
)
def test_why_a_line_is_refused(cells, code):
    assert why(*cells) == code


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2011-06-30T20:08:00", "2011-06-30T19:08:00"),  # British summer time
        ("2010-12-01T08:26:00", "2010-12-01T08:26:00"),
        ("01/12/2010 08:26", "2010-12-01T08:26:00"),
        ("1.12.2010 8:26:30", "2010-12-01T08:26:30"),
        ("1/12/2010 8:26 PM", "2010-12-01T20:26:00"),
        ("1/12/2010 12:05 a.m.", "2010-12-01T00:05:00"),
        ("2010-12-01", "2010-12-01T12:00:00"),
        ("2026-03-02T09:00:00+05:00", "2026-03-02T04:00:00"),
        ("2026-03-02 09:00Z", "2026-03-02T09:00:00"),
        (Exact("2010-12-01T08:26:00"), "2010-12-01T08:26:00"),
        ("2011-03-27 01:30", "2011-03-27T01:30:00"),  # no such time: moves forward
        ("2011-10-30 01:30", "2011-10-30T00:30:00"),  # twice: the first
    ],
)
def test_local_times_become_instants(cell, expected):
    found = instant(order="dmy", zone="Europe/London")(cell)

    assert found.replace(tzinfo=None).isoformat() == expected


def test_words_of_every_channel():
    assert words.channel("Teléfono") == "phone"
    assert words.channel("E-Commerce") == "online"
    assert words.document("Factura rectificativa") == kinds.CREDIT_NOTE
    assert words.placed_by("En nombre") == "on_behalf"
    with pytest.raises(BadCell):
        words.channel("owl")


# -- The command line ------------------------------------------------------------------


def test_a_file_is_loaded(load, file, account):
    said = load(file(*LINES), "--zone", "Europe/London")

    assert said.out.strip() == (
        "4 lines: 3 recorded, 0 known already, 0 known with another amount, "
        "1 waiting for their account, 0 refused"
    )
    react.react_to_all(NOON)
    row = AccountProgress.objects.get(account=account)
    assert (row.online_count, row.offline_count) == (1, 1)
    assert {
        (month.channel, str(month.amount), str(month.credited))
        for month in ChannelMonth.objects.all()
    } == {
        ("online", "100.0000", "0.0000"),
        ("phone", "50.5000", "0.0000"),
        ("", "0.0000", "20.0000"),
    }
    assert UnmatchedEvent.objects.get().account_number == "105000"


def test_twice_changes_nothing(load, file, account):
    path = file(*LINES)
    load(path)
    before = list(Event.objects.values())

    said = load(path, "--channel", "rep")

    assert "0 recorded, 3 known already" in said.out
    assert list(Event.objects.values()) == before
    assert UnmatchedEvent.objects.count() == 1
    assert not EventConflict.objects.exists()


def test_another_amount_is_a_conflict_and_the_first_stands(load, file, account):
    load(file(*LINES))

    said = load(file(LINES[0].replace("100.00", "99.00")))

    assert "1 known with another amount" in said.out
    assert Event.objects.filter(data__amount="100.00").exists()


def test_lines_refused_say_why(load, file, account):
    said = load(file(*LINES[:1], "D9,104000,soon,1,invoice,web,ES", "D8"))

    assert "1 recorded" in said.out
    assert "2 refused" in said.out
    assert "line 3 “soon”: This is no date in the chosen order." in said.err
    assert "line 4: The customer number is missing." in said.err


def test_a_gzipped_file(load, tmp_path, account):
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(written(*LINES).encode()))

    assert "3 recorded" in load(path).out


def test_accounts_are_made_where_wanted(load, file, db):
    said = load(
        file(
            "D1,1,2026-03-02,1,invoice,web,Portugal",
            "D2,1,2026-03-03,1,invoice,web,España",
            "D3,1,2026-03-03,1,invoice,web,Spain",
            "D4,2,2026-03-03,1,invoice,web,Unspecified",
        ),
        "--create-accounts",
        "--zone",
        "Europe/London",
    )

    assert "2 accounts created" in said.out
    assert "4 recorded" in said.out
    one, two = Account.objects.order_by("number")
    assert (one.country, one.time_zone) == ("ES", "Europe/Madrid")
    assert (two.country, two.time_zone) == ("", "Europe/London")
    assert one.name == "Customer 1"
    assert "Other lines of this customer name another country" in said.err
    assert "No country goes by this name" in said.err


def test_what_waited_is_matched_when_the_account_comes(load, file, db):
    load(file(*LINES))
    AccountFactory(number="105000")

    assert matching.match_again(NOON).events == 1
    assert "1 known already" in load(file(LINES[3])).out


@pytest.mark.parametrize("name", ["Nº pedido", "N.º factura", "Núm. documento"])
def test_a_spanish_heading_with_its_sign_is_known(load, file, account, name):
    header = HEADER.replace("Document no", name)

    load(file(*LINES[:2], header=header))
    react.react_to_all(clock.now())

    assert AccountProgress.objects.get(account=account).online_count == 1


def test_columns_are_named_and_remembered(load, file, account):
    header = "Belegnr,Kunde,Am,Wert"
    path = file("D1,104000,2026-03-02,5", header=header)
    with pytest.raises(CommandError, match="--column"):
        load(path)
    fields = ["document=Belegnr", "number=Kunde", "date=Am", "amount=Wert"]

    load(path, *[f"--column={field}" for field in fields], "--channel=edi")
    again = file("D2,104000,2026-03-02,5", header=header, name="next.csv")

    assert "1 recorded" in load(again).out
    assert set(Event.objects.values_list("data__channel", flat=True)) == {"edi"}
    assert ImportMapping.objects.get().kind == "orders"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--column=colour=Type"], "no field “colour”"),
        (["--column=type=Farbe"], "no column “Farbe”"),
        (["--zone=Nowhere/None"], "no time zone"),
    ],
)
def test_nonsense_on_the_command_line(load, file, account, arguments, complaint):
    with pytest.raises(CommandError, match=complaint):
        load(file(*LINES), *arguments)


def test_a_file_that_is_none(load, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        load(tmp_path / "missing.csv")
    (tmp_path / "empty.csv").touch()
    with pytest.raises(CommandError, match="empty"):
        load(tmp_path / "empty.csv")


def test_the_buyer_where_a_column_names_her(load, file, account):
    buyer = BuyerFactory(account=account, email="ana@acme.example")
    header = "Document no,Customer no,Order date,Net amount,Email"

    load(file("D1,104000,2026-03-02,5,Ana@acme.example", header=header))

    assert Event.objects.get().buyer == buyer


# -- By hand in the admin --------------------------------------------------------------


def test_an_uploaded_list_is_checked_and_applied(importing, account):  # noqa: F811
    content = written(*LINES, "D9,104000,soon,1,invoice,web,ES", LINES[0]).encode()
    batch = importing.upload(content, name="orders.csv", kind="orders")
    batch = importing.check_again(batch)

    assert batch.state == "checked", batch.error
    assert not Event.objects.exists()
    assert {name: batch.counts[name] for name in FIGURES} == {
        "documents_new": 3,
        "documents_same": 1,
        "documents_waiting": 1,
        "accounts_create": 0,
        "refused": 1,
    }
    assert {issue[0] for issue in codes(batch)} == {"not_a_date", "unknown_account"}

    batch = importing.apply_checked(batch)

    assert batch.state == "applied", batch.error
    assert Event.objects.count() == 3
    assert batch.counts["documents_new"] == 3


FIGURES = (
    "documents_new",
    "documents_same",
    "documents_waiting",
    "accounts_create",
    "refused",
)


def codes(batch):
    from accounts.customers.models import ImportIssue

    return ImportIssue.objects.filter(batch=batch).values_list("code", "line")


def test_a_list_makes_its_accounts(importing, db):  # noqa: F811
    batch = importing.upload(written(*LINES).encode(), name="o.csv", kind="orders")
    batch = importing.check_again(batch, create_accounts=True)

    assert batch.counts["accounts_create"] == 2
    assert batch.counts["documents_new"] == 4
    assert not Account.objects.exists()

    importing.apply_checked(batch)

    assert Account.objects.count() == 2
    assert Event.objects.count() == 4


def test_a_list_applied_already_changes_nothing(importing, account):  # noqa: F811
    for name in ("one.csv", "two.csv"):
        batch = importing.upload(written(*LINES).encode(), name=name, kind="orders")
        batch = importing.apply_checked(importing.check_again(batch))

    assert batch.counts["documents_same"] == 3
    assert Event.objects.count() == 3


def test_now_is_the_databases(db):
    assert clock.now() - NOON > timedelta(0)
