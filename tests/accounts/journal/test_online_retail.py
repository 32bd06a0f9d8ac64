"""The real orders of a wholesaler, loaded as a file; every sum counted otherwise."""

import csv
import gzip
import os
from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db.models import Sum

from accounts.customers.models import Account
from accounts.journal import clock, kinds, proofs, react
from accounts.journal.models import AccountProgress, ChannelMonth, Event, EventConflict

FOLDER = Path(
    os.environ.get("SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")
)
FILE = FOLDER / "online-retail" / "orders-2010-12-to-2011-06.csv.gz"
LONDON = ZoneInfo("Europe/London")

pytestmark = [
    pytest.mark.skipif(
        not FILE.is_file(), reason="the wholesaler's file is not beside this checkout"
    ),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def lines():
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def load(capsys, db):
    def run(*arguments):
        call_command("import_orders", str(FILE), "--zone", "Europe/London", *arguments)
        return capsys.readouterr()

    return run


@pytest.fixture
def loaded(load):
    said = load("--create-accounts", "--channel", "online")
    react.react_to_all(clock.now())
    return said


def instant(line):
    return datetime.fromisoformat(line["posted_at"]).replace(tzinfo=LONDON)


def test_the_file_is_loaded_and_loading_it_again_changes_nothing(loaded, lines, load):
    """One test, because loading takes its time."""
    every_document_is_an_event(loaded, lines)
    customers_are_accounts_odd_values_and_all(loaded, lines)
    the_sums_are_those_of_the_file(lines)

    said = load("--create-accounts", "--channel", "online")

    assert "0 recorded, 10705 known already" in said.out
    assert "0 accounts created" in said.out
    assert Event.objects.count() == 10_705
    assert not EventConflict.objects.exists()


def every_document_is_an_event(loaded, lines):
    assert "10705 lines: 10705 recorded" in loaded.out
    assert Event.objects.filter(kind=kinds.ORDERED).count() == 8803
    assert Event.objects.filter(kind=kinds.CREDIT_NOTE).count() == 1902
    by_document = {line["document_no"]: line for line in lines}
    for event in Event.objects.order_by("id").select_related("account")[::97]:
        line = by_document[event.data["document"]]
        assert event.occurred_at == instant(line)
        assert event.account.number == line["customer_no"]
        assert Decimal(event.data["amount"]) == abs(Decimal(line["net_amount"]))


def customers_are_accounts_odd_values_and_all(loaded, lines):
    countries = defaultdict(Counter)
    for line in lines:
        countries[line["customer_no"]][line["country"]] += 1
    assert Account.objects.count() == len(countries)
    several = [number for number, found in countries.items() if len(found) > 1]
    assert several
    assert all(number in loaded.err for number in several)
    no_country = Account.objects.filter(country="").values_list("number", flat=True)
    assert set(no_country) == {
        number
        for number, found in countries.items()
        if not set(found) - {"Unspecified", "European Community", "Channel Islands"}
    }
    assert set(
        Account.objects.filter(country="").values_list("time_zone", flat=True)
    ) == {"Europe/London"}


def the_sums_are_those_of_the_file(lines):
    orders = defaultdict(list)
    value = Counter()
    for line in lines:
        amount = Decimal(line["net_amount"])
        value[line["document_type"]] += abs(amount)
        if line["document_type"] == "invoice":
            orders[line["customer_no"]].append(instant(line))

    rows = AccountProgress.objects.select_related("account")
    assert {row.account.number: row.online_count for row in rows} == {
        number: len(times) for number, times in orders.items()
    }
    assert all(
        row.online_recent == sorted(orders[row.account.number], reverse=True)[:12]
        for row in rows
    )
    sums = ChannelMonth.objects.aggregate(Sum("amount"), Sum("credited"))
    assert sums["amount__sum"] == value["invoice"]
    assert sums["credited__sum"] == value["credit_note"]
    assert proofs._sums_are_right(clock.now()).count == 0
