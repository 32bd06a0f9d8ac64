"""What a column of an order list can be matched to, and the names it goes by."""

from django.utils.translation import gettext_lazy as _

from accounts.customers.jobs import Field


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(","))


#: Names are folded: no case, no accents, no signs (`countries.fold`).
FIELDS = (
    Field(
        "document",
        _("Document number"),
        _names(
            "document no, document number, document, doc no, order no, order number,"
            " order id, order, invoice no, invoice number, invoice, n documento,"
            " no documento, numero documento, numero de documento, documento,"
            " n pedido, numero pedido, numero de pedido, pedido, n factura,"
            " numero factura, numero de factura, factura, vbeln, belnr, docnum"
        ),
        required=True,
    ),
    Field(
        "number",
        _("Customer number"),
        _names(
            "customer no, customer number, customer id, customer code, customer,"
            " account no, account number, account, sell to customer no,"
            " bill to customer no, n cliente, no cliente, num cliente,"
            " numero cliente, numero de cliente, cod cliente, codigo cliente,"
            " codigo de cliente, id cliente, cliente, kunnr, kunag, cardcode"
        ),
        required=True,
    ),
    Field(
        "date",
        _("Date, with or without the time"),
        _names(
            "posted at, posting date, document date, order date, ordered at,"
            " invoice date, date, created at, fecha, fecha registro, fecha pedido,"
            " fecha documento, fecha factura, fecha de pedido, fecha de factura,"
            " erdat, audat, fkdat, docdate"
        ),
        required=True,
    ),
    Field(
        "amount",
        _("Net amount"),
        _names(
            "net amount, amount, net value, net, net total, total net, total,"
            " order total, value, importe neto, importe, neto, total neto,"
            " base imponible, valor neto, netwr, doctotal"
        ),
        required=True,
    ),
    Field(
        "type",
        _("Kind of document (order, invoice, credit note)"),
        _names(
            "document type, doc type, type, kind, tipo, tipo documento,"
            " tipo de documento, clase documento, auart, fkart"
        ),
    ),
    Field(
        "channel",
        _("Channel"),
        _names(
            "channel, sales channel, order channel, canal, canal de venta,"
            " canal venta, origen, origin, vtweg, bsark"
        ),
    ),
    Field(
        "placed_by",
        _("Placed by (customer or staff)"),
        _names("placed by, entered by, ordered by, realizado por, introducido por"),
    ),
    Field(
        "currency",
        _("Currency"),
        _names("currency, currency code, moneda, divisa, cod divisa, waerk, waers"),
    ),
    Field(
        "email",
        _("Buyer: e-mail address"),
        _names("email, e mail, buyer email, contact email, correo, correo electronico"),
    ),
    Field(
        "external_id",
        _("Buyer: id in the store or ERP"),
        _names("buyer id, contact id, user id, id comprador, id contacto, id usuario"),
    ),
    Field(
        "name",
        _("Company, for new accounts"),
        _names("customer name, account name, company, nombre cliente, razon social"),
    ),
    Field(
        "country",
        _("Country, for new accounts"),
        _names("country, country code, pais, cod pais, codigo pais, land1"),
    ),
)
