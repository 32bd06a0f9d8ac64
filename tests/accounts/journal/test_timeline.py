"""What happened to an account or a buyer, newest first."""

from decimal import Decimal

from accounts.journal import kinds, timeline
from accounts.journal.record import record, record_many
from tests.factories import BuyerFactory

from .conftest import event, order


def test_newest_first_with_the_words_people_use(account, buyer):
    record_many(
        [
            event(account, buyer, kinds.REGISTERED),
            order(account, buyer, days=1, document="AB-1", amount="1249.9"),
            order(account, None, days=2, channel="phone", placed_by="on_behalf"),
        ]
    )

    last, first_order, registered = timeline.of_account(account)

    assert (last.label, last.channel, last.on_behalf) == ("Ordered", "Phone", True)
    assert (last.buyer, last.buyer_id) == ("", None)
    assert first_order.buyer == str(buyer)
    assert (first_order.amount, first_order.currency, first_order.document) == (
        Decimal("1249.9"),
        "EUR",
        "AB-1",
    )
    assert registered.amount is None


def test_a_page_after_the_other(account):
    record_many(order(account, days=day // 2) for day in range(10))

    pages, last = [], None
    while page := timeline.of_account(account, limit=3, before=last):
        pages.append(page)
        last = page[-1]

    assert [len(page) for page in pages] == [3, 3, 3, 1]
    seen = [moment.event_id for page in pages for moment in page]
    assert len(set(seen)) == 10


def test_a_buyer_has_her_own(account, buyer):
    record_many([event(account, buyer), event(account, BuyerFactory(account=account))])

    assert len(timeline.of_buyer(buyer)) == 1
    assert len(timeline.of_account(account)) == 2


def test_an_event_whose_buyer_was_found_later_is_one_moment(account, buyer):
    unnamed = record(order(account))
    told = order(account)
    record(
        event(
            account,
            buyer,
            kinds.ORDERED,
            data=told.data,
            corrects=unnamed.event_id,
        )
    )

    [moment] = timeline.of_account(account)

    assert (moment.event_id, moment.buyer_id) == (unnamed.event_id, buyer.pk)
    assert len(timeline.of_buyer(buyer)) == 1


def test_nonsense_in_the_data_does_not_hide_the_event(account):
    record(order(account, amount="a lot"))

    assert timeline.of_account(account)[0].amount is None
