"""Turns made-up deeds and orders into what a store and an ERP would report."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.customers.models import Account, Buyer
from accounts.journal import kinds
from accounts.journal.record import NewEvent, record_many

from .behaviour import Deed
from .orders import Order
from .people import Company

STORE, ERP = "store", "erp"


@dataclass(frozen=True, slots=True)
class Ids:
    """Under which ids the made-up customers are known since their import."""

    accounts: Mapping[str, int]
    buyers: Mapping[tuple[str, str], int]

    def account(self, company: Company) -> int:
        return self.accounts[company.number]

    def buyer(self, company: Company, person: int | None) -> int | None:
        if person is None:
            return None
        return self.buyers.get((company.number, company.people[person].email))


def find_ids() -> Ids:
    return Ids(
        dict(Account.objects.values_list("number", "pk")),
        {
            (number, email): pk
            for number, email, pk in Buyer.objects.values_list(
                "account__number", "email", "pk"
            )
        },
    )


def record(deeds: Iterable[Deed | Order], ids: Ids) -> None:
    record_many([_event(deed, ids) for deed in deeds])


def _event(deed: Deed | Order, ids: Ids) -> NewEvent:
    return _of_order(deed, ids) if isinstance(deed, Order) else _of_deed(deed, ids)


def _of_deed(deed: Deed, ids: Ids) -> NewEvent:
    who = f"{deed.company.number}/{deed.person}"
    return NewEvent(
        kind=deed.kind,
        account_id=ids.account(deed.company),
        buyer_id=ids.buyer(deed.company, deed.person),
        occurred_at=deed.occurred_at,
        source=STORE,
        key=f"{deed.kind}:{who}:{deed.occurred_at:%Y%m%dT%H%M%S}",
    )


def _of_order(order: Order, ids: Ids) -> NewEvent:
    kind = kinds.CREDIT_NOTE if order.credit else kinds.ORDERED
    return NewEvent(
        kind=kind,
        account_id=ids.account(order.company),
        buyer_id=ids.buyer(order.company, order.person),
        occurred_at=order.occurred_at,
        source=STORE if order.channel == "online" else ERP,
        key=f"{kind}:{order.document}",
        data={
            "document": order.document,
            "channel": order.channel,
            "placed_by": order.placed_by,
            "amount": f"{order.amount:.2f}",
            "currency": order.company.country.currency,
        },
    )
