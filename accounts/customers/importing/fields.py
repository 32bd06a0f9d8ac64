"""What a column of a customer list can be matched to, and the names it goes by."""

from django.utils.translation import gettext_lazy as _

from accounts.customers.jobs import Field


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(","))


#: Names are folded: no case, no accents, no signs (`countries.fold`).
FIELDS = (
    Field(
        "number",
        _("Customer number"),
        _names(
            "n cliente, no cliente, no de cliente, num cliente, numero cliente,"
            " numero de cliente, cod cliente, codigo cliente, codigo de cliente,"
            " id cliente, cliente, customer number, customer no, customer id,"
            " customer code, customer, account number, account no, account id,"
            " account, bp code, cardcode, kunnr, kundennummer, debitor, debtor no,"
            " numero, number, no, n, codigo, code"
        ),
        required=True,
    ),
    Field(
        "name",
        _("Company"),
        _names(
            "nombre, nombre cliente, nombre del cliente, razon social, empresa,"
            " nombre fiscal, denominacion, compania, name, name1, name 1, company,"
            " company name, customer name, account name, business name, cardname,"
            " organization name, firma"
        ),
    ),
    Field(
        "city",
        _("City"),
        _names("poblacion, ciudad, localidad, municipio, city, town, ort01, ort"),
    ),
    Field(
        "country",
        _("Country"),
        _names(
            "pais, cod pais, codigo pais, codigo de pais, country, country code,"
            " country region code, country region, land1, land"
        ),
    ),
    Field(
        "segment",
        _("Segment"),
        _names(
            "segmento, sector, tipo cliente, tipo de cliente, grupo cliente,"
            " grupo de clientes, clase cliente, segment, industry, customer group,"
            " customer class, customer type, category, categoria, kdgrp, brsch"
        ),
    ),
    Field(
        "is_key",
        _("Key account"),
        _names(
            "cliente clave, cuenta clave, cuenta estrategica, cliente estrategico,"
            " key account, key customer, is key, key, strategic, vip"
        ),
    ),
    Field(
        "account_language",
        _("Language of the account"),
        _names("spras, cod idioma, codigo idioma, language code, account language"),
    ),
    Field(
        "time_zone",
        _("Time zone"),
        _names("zona horaria, time zone, timezone, tz"),
    ),
    Field(
        "rep_code",
        _("Sales rep"),
        _names(
            "cod vendedor, codigo vendedor, vendedor, comercial, representante,"
            " agente, cod comercial, sales rep, salesrep, sales rep code, rep,"
            " rep code, salesperson, salesperson code, account manager, owner,"
            " vkgrp, slpcode, vertreter"
        ),
    ),
    Field(
        "annual_value",
        _("Yearly turnover"),
        _names(
            "ventas, ventas dl, ventas anuales, facturacion, facturacion anual,"
            " importe anual, volumen, annual revenue, annual value, annual turnover,"
            " revenue, turnover, sales lcy, sales, umsatz"
        ),
    ),
    Field(
        "customer_since",
        _("Customer since"),
        _names(
            "fecha alta, fecha de alta, alta, cliente desde, customer since,"
            " created, created on, creation date, since, erdat, createdate"
        ),
    ),
    Field(
        "eligible",
        _("May order online (yes or no)"),
        _names(
            "puede comprar en linea, puede comprar online, puede pedir online,"
            " compra online, web activa, can order online, may order online,"
            " eligible, web enabled, online"
        ),
    ),
    Field(
        "blocked",
        _("Blocked (any block)"),
        _names(
            "bloqueado, bloqueo, bloqueo pedidos, bloqueo de pedidos, blocked,"
            " block, order block, on hold, credit hold, aufsd, sperre, gesperrt"
        ),
    ),
    Field(
        "ineligible_reason",
        _("Reason for the block"),
        _names(
            "motivo, motivo bloqueo, motivo del bloqueo, causa bloqueo, razon,"
            " reason, block reason, blocking reason"
        ),
    ),
    Field(
        "ineligible_from",
        _("Blocked from"),
        _names("bloqueado desde, bloqueo desde, blocked from, blocked since"),
    ),
    Field(
        "ineligible_until",
        _("Blocked until"),
        _names("bloqueado hasta, bloqueo hasta, blocked until, blocked to"),
    ),
    Field(
        "email",
        _("Buyer: e-mail address"),
        _names(
            "correo electronico, correo, email, e mail, mail, e mail address,"
            " email address, direccion de correo, correo e, smtp addr, smtp address,"
            " contact email, correo contacto"
        ),
    ),
    Field(
        "first_name",
        _("Buyer: first name"),
        _names(
            "nombre de pila, first name, firstname, given name,"
            " forename, namev, vorname"
        ),
        beside="last_name",
        headers_beside=_names("nombre, name"),
    ),
    Field(
        "last_name",
        _("Buyer: last name"),
        _names(
            "apellidos, apellido, last name, lastname, surname, family name,"
            " name p, nachname"
        ),
    ),
    Field(
        "full_name",
        _("Buyer: full name"),
        _names(
            "contacto, nombre contacto, persona de contacto, nombre y apellidos,"
            " nombre completo, comprador, contact, contact name, contact person,"
            " full name, buyer, ansprechpartner"
        ),
    ),
    Field(
        "external_id",
        _("Buyer: id in the store or ERP"),
        _names(
            "id comprador, id contacto, id usuario, buyer id, contact id, user id,"
            " external id"
        ),
    ),
    Field(
        "phone",
        _("Buyer: phone"),
        _names(
            "telefono, movil, tel, phone, phone number, telephone, mobile, telf1,"
            " telefon"
        ),
    ),
    Field(
        "language",
        _("Buyer: language"),
        _names("idioma, lengua, language, lang, locale, sprache, contact language"),
    ),
)
