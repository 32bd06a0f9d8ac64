"""Sources, brands and contexts that the tests of messages share."""

from datetime import UTC, datetime
from uuid import UUID

from campaigns.messages.build import Source, Templates, build
from campaigns.messages.compose import Compiled

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DELIVERY = UUID("6f1c7d2e-6a57-4d6a-9d0e-0a6f5c1b2d3e")

BRAND = {
    "name": "Norte & Hijos, S.L.",
    "sender_name": 'Norte "Pedidos", S.L.',
    "sender_email": "pedidos@norte.example",
    "reply_to": "hola@norte.example",
    "postal_address": "C/ Mayor 1\n50001 Zaragoza",
    "store_name": "Tienda Norte",
    "colour": "#1f4fd8",
    "logo": "",
    "logo_width": "",
}

CONTEXT = {
    "buyer": {"first_name": "Ana", "last_name": None, "email": "ana@sur.example"},
    "account": {"name": "Sur & Cía", "number": "A/1 &2"},
    "rep": {"name": "Luis", "email": "luis+pedidos@norte.example", "phone": None},
    "brand": BRAND,
    "links": {
        "invitation": "https://store.example/i/abc?x=1&y=2",
        "store": "https://store.example",
        "unsubscribe": "https://norte.example/u/token",
    },
    "order": {
        "lines": [
            {"name": "Tornillo <M8>", "quantity": "200"},
            {"name": "Arandela", "quantity": "12"},
        ]
    },
}

BODY = """\
# Hello {{ buyer.first_name | default: "there" }},

**{{ account.name }}** may [order online]({{ links.store }}?ref={{ account.number }}).

{% if rep.name %}
Ask {{ rep.name }} [by mail](mailto:{{ rep.email }}).
{% else %}
Just ask us.
{% endif %}

[Accept the invitation]({{ links.invitation }}){.button}

{% for line in order.lines %}
- {{ line.name }}: {{ line.quantity }}
{% endfor %}
"""


def templates(body=BODY, subject="Hi {{ buyer.first_name }}", **options) -> Templates:
    options = {"language": "en", "purpose": "marketing", "brand": BRAND} | options
    preheader = options.pop("preheader", "")
    return build(Source(subject, preheader, body), **options)


def compiled(body=BODY, subject="Hi {{ buyer.first_name }}", **options) -> Compiled:
    options = {"language": "en", "purpose": "marketing", "brand": BRAND} | options
    mail = templates(body, subject, **options)
    options.pop("preheader", None)
    return Compiled(mail, **options)
