"""The words by which files tell kinds of documents, channels and who ordered."""

from collections.abc import Mapping

from accounts.customers.countries import fold
from accounts.customers.importing.cells import BadCell
from accounts.journal import kinds
from accounts.journal.channels import Channel, PlacedBy

_DOCUMENTS: Mapping[str, str] = {
    kinds.ORDERED: "invoice, order, sales order, sale, factura, pedido, venta",
    kinds.CREDIT_NOTE: (
        "credit note, credit memo, credit, return, refund, abono, nota de credito,"
        " factura rectificativa, rectificativa, devolucion, nc, cn"
    ),
}
_CHANNELS: Mapping[str, str] = {
    Channel.ONLINE: "online, web, webshop, web shop, store, e commerce, ecommerce,"
    " internet, tienda, tienda web, tienda online, portal",
    Channel.PHONE: "phone, telephone, call, telefono, telefonico, tel, llamada",
    Channel.EMAIL: "email, e mail, mail, correo, correo electronico",
    Channel.FAX: "fax",
    Channel.EDI: "edi, edifact",
    Channel.REP: "rep, sales rep, field sales, visit, comercial, representante,"
    " vendedor, visita",
    Channel.COUNTER: "counter, shop, branch, mostrador, tienda fisica, delegacion",
}
_PLACED: Mapping[str, str] = {
    PlacedBy.CUSTOMER: "customer, buyer, cliente, comprador, self",
    PlacedBy.ON_BEHALF: "on behalf, staff, rep, sales rep, employee, empleado,"
    " comercial, representante, en nombre",
}


def document(text: str) -> str:
    return _find(text, _BY_DOCUMENT, "document_type_unknown")


def channel(text: str) -> str:
    return _find(text, _BY_CHANNEL, "channel_unknown")


def placed_by(text: str) -> str:
    return _find(text, _BY_PLACED, "placed_by_unknown")


def _find(text: str, words: Mapping[str, str], code: str) -> str:
    found = words.get(fold(text))
    if found is None:
        raise BadCell(code)
    return found


def _turned(table: Mapping[str, str]) -> dict[str, str]:
    return {
        fold(word): str(meaning)
        for meaning, text in table.items()
        for word in (*text.split(","), str(meaning))
    }


_BY_DOCUMENT, _BY_CHANNEL = _turned(_DOCUMENTS), _turned(_CHANNELS)
_BY_PLACED = _turned(_PLACED)
