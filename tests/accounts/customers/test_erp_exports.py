"""The exports of three systems, of the same customers, in any order."""

import os
from itertools import permutations
from pathlib import Path

import pytest
from django.db import transaction

from accounts.customers.models import Account, Buyer, ImportIssue

from .conftest import everything, issues, refused

FOLDER = Path(
    os.environ.get("SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")
)
DYNAMICS = "clientes-dynamics-cp1252.csv"
SAP = "customers-sap-utf16.txt"
WEB = "customers-web-utf8-bom.csv"
FILES = (DYNAMICS, SAP, WEB)

pytestmark = pytest.mark.skipif(
    not (FOLDER / "erp-exports" / SAP).is_file(),
    reason="the folder with the ERP exports is not beside this checkout",
)


def content(name):
    return (FOLDER / "erp-exports" / name).read_bytes()


@pytest.fixture
def load(importing):
    return lambda name: importing.apply(content(name), name)


def test_any_order_and_twice_ends_with_the_same_accounts_and_buyers(load):
    ends = [load_and_forget(load, order) for order in permutations(FILES)]
    assert all(end == ends[0] for end in ends[1:])


def load_and_forget(load, order):
    """What the customers are after these files, and after the same files again."""
    with transaction.atomic():
        for name in order:
            load(name)
        once = everything()
        assert all(changed_nothing(load(name)) for name in order)
        assert everything() == once
        assert Account.objects.count() == 60
        transaction.set_rollback(True)
    return once


def changed_nothing(batch):
    return not any(
        batch.counts.get(f"{what}_{action}")
        for what in ("accounts", "buyers")
        for action in ("create", "change")
    )


def test_each_file_alone_gives_all_accounts(load):
    for name in FILES:
        batch = load(name)
        assert batch.state == "applied"
        assert Account.objects.count() == 60


def test_the_second_line_of_an_account_that_contradicts_is_refused(importing):
    batch = importing.check(content(DYNAMICS), DYNAMICS)
    told = ImportIssue.objects.filter(batch=batch, severity="refused")
    assert {one.line for one in told} == {64}
    assert {(one.column, one.value) for one in told} == {
        ("Ventas (DL)", "0.00 ≠ 291392.82"),
        ("Fecha alta", "2020-01-01 ≠ 2022-04-16"),
    }
    assert {one.label for one in told} == {"104021"}


def test_doubled_addresses_are_told_and_taken_once(load):
    assert (23, "buyer_repeated") in issues(load(DYNAMICS), "remark")
    twins = Buyer.objects.filter(email="nuria.delafuente@industriasibanezeh59.example")
    assert twins.count() == 1
    assert twins.get().email_key == twins.get().email


def test_broken_and_missing_addresses_are_refused_with_line_column_and_value(load):
    batch = load(WEB)
    told = {
        (one.line, one.column, one.value, one.code)
        for one in ImportIssue.objects.filter(batch=batch, severity="refused")
    }
    assert len(told) == len(refused(batch)) == 6
    assert (
        35,
        "email",
        "nuria.castro at industriasibanezeh59.example",
        "address_no_at",
    ) in told
    assert {code for *_rest, code in told} == {
        "address_no_at",
        "address_trailing_dot",
        "buyer_unnamed",
    }
    assert Account.objects.filter(number__in=["104140", "104063"]).count() == 2


def test_blocks_of_three_kinds_bar_the_same_accounts(load):
    barred = set()
    for name in FILES:
        load(name)
        barred.add(
            tuple(
                Account.objects.filter(eligible=False)
                .order_by("number")
                .values_list("number", flat=True)
            )
        )
    assert len(barred) == 1
    assert len(barred.pop()) == 7
    assert Account.objects.get(number="104000").ineligible_reason == "credit hold"


def test_amounts_and_dates_of_every_notation_are_understood(load):
    load(DYNAMICS)
    first = Account.objects.get(number="104000")
    assert str(first.annual_value) == "8692.07"
    assert str(first.customer_since) == "2023-07-21"
    assert first.name == "Supplies Muñoz & Co."
    assert first.time_zone == "Europe/Dublin"


def test_leading_zeros_stay_where_the_option_is_off(importing):
    batch = importing.upload(content(SAP), SAP)
    assert batch.options["strip_zeros"] is True
    done = importing.apply_checked(importing.check_again(batch, strip_zeros=False))
    assert done.counts["accounts_create"] == 60
    assert Account.objects.filter(number="0000104000").exists()
