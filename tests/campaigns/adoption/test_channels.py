"""The channel mix: orders and value by channel and month."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from accounts.journal import kinds
from campaigns.adoption import listings, names
from campaigns.adoption.channels import mixes, months_of
from campaigns.adoption.frames import Frame, Unit

from .conftest import NOW


def test_nobody_ordered(db, frame):
    assert mixes(frame) == ()


def test_orders_and_value_by_channel_and_month(history, frame, buyer, stranger):
    history.ordered(buyer, 1, 2, amount="10.10").ordered(stranger, 40, channel="phone")
    history.ordered(buyer, 3, placed_by="on_behalf")
    history.ordered(buyer, 1, kind=kinds.CREDIT_NOTE, amount="4.00").settle()

    (mix,) = mixes(frame)
    lines = {line.channel: line for line in mix.lines}

    assert mix.months[-1] == date(2026, 6, 1)
    assert len(mix.months) == 12
    assert lines["online"].total.orders == 2
    assert lines["online"].total.amount == Decimal("20.20")
    assert lines["online"].share == Fraction(2, 4)
    assert lines["online"].cells[-2].orders == 2
    assert lines["phone"].cells[-3].orders == 1
    assert lines["on_behalf"].total.orders == 1
    assert mix.total.credits == 1
    assert mix.total.net == mix.total.amount - Decimal("4.00")
    assert mix.online_share[-2] == Fraction(2, 3)
    assert mix.online_share[0] is None


def test_currencies_are_never_added_up(history, frame, buyer):
    history.ordered(buyer, 1, 2).ordered(buyer, 1, currency="USD").settle()

    assert [(mix.currency, mix.total.orders) for mix in mixes(frame)] == [
        ("EUR", 2),
        ("USD", 1),
    ]


def test_the_months_of_a_period():
    frame = Frame(NOW, since=date(2025, 11, 20), until=date(2026, 1, 3))

    assert months_of(frame) == (
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
    )


def test_the_accounts_behind_a_channel(history, frame, buyer, stranger):
    history.ordered(buyer, 1, 2, channel="fax").ordered(stranger, 1).settle()
    (mix,) = mixes(frame)
    fax = next(line for line in mix.lines if line.channel == "fax")

    listing = listings.find("channel.fax.EUR", Unit.ACCOUNT, frame)
    (row,) = names.page(listing).rows

    assert "channel.fax.EUR" in fax.url
    assert row.account == "Acme"
    assert [cell.value for cell in row.cells][:2] == [2, Decimal("20.00")]


def test_one_statement(history, frame, buyer, django_assert_num_queries):
    history.ordered(buyer, 1, 40, 90).settle()

    with django_assert_num_queries(1):
        mixes(frame)
