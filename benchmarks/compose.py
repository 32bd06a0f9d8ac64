"""Composing personal mails: subject, HTML, text and MIME, to the last byte.

Everybody fills the same design from the same contexts, which are made beforehand.
`django` renders the parts as Django templates and serialises Django's own message
class, as an application without us would; `python-liquid` does the same with the
engine that our compiled way stands in for. What they made is parsed and compared.
"""

import html
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email import message_from_bytes, policy
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.template import Context, Engine

from accounts.customers import links
from campaigns.messages import envelope, headers, syntax
from campaigns.messages.build import Source, Templates, build
from campaigns.messages.compose import Compiled

from .harness import OURS, Benchmark, Contestant, demand

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
BRAND = {
    "name": "Suministros Norte, S.L.",
    "sender_name": "Suministros Norte",
    "sender_email": "pedidos@norte.example",
    "reply_to": "hola@norte.example",
    "postal_address": "Polígono Malpica, calle F, 12\n50016 Zaragoza",
    "store_name": "Tienda Norte",
    "colour": "#0b5cad",
    "logo": "https://mail.norte.example/brand/1/logo?v=1f2e3d4c",
    "logo_width": "160",
}
SUBJECT = "{{ account.name }}: su invitación, {{ buyer.first_name }}"
PREHEADER = "{{ buyer.first_name }}, todo está listo para {{ account.name }}."
PARAGRAPH = (
    "Desde hoy puede hacer sus pedidos por internet cuando le venga bien, a primera o "
    "a última hora, con **sus precios**, sus condiciones y las existencias de *hoy "
    "mismo*. Nada más cambia: el teléfono y el correo siguen abiertos para usted.\n\n"
)
BODY = (
    """\
# Hola, {{ buyer.first_name }}:

{{ account.name }} (cliente {{ account.number }}, {{ account.city }}) ya tiene acceso.

[Aceptar la invitación]({{ links.invitation }}){.button}

"""
    + PARAGRAPH * 6
    + """\
## Lo último que pidió {{ account.name }}

| Artículo | Unidades |
|---|--:|
{% for line in order.lines %}
| {{ line.name }} | {{ line.quantity }} |
{% endfor %}

[Repetir este pedido]({{ links.store }}?cliente={{ account.number }}){.button}

"""
    + PARAGRAPH * 5
    + """\
{% if rep.name %}
- Su persona de contacto: {{ rep.name }}
- Teléfono: {{ rep.phone }}
- [Escribirle](mailto:{{ rep.email }})
{% else %}
- Escríbanos cuando quiera.
{% endif %}

¿No es {{ buyer.full_name }}? [Díganoslo]({{ links.store }}/a?n={{ buyer.number }}).

Un saludo,
{{ rep.name }}
{{ brand.name }}
"""
)
FIRST = ("Ana", "Íñigo", "María José", "Xavier", "Begoña", "Luis", "Núria", "Óscar")
LAST = ("García", "Echeverría", "O'Brien & Hijo", "Pérez", "Muñoz", "Torres")
GOODS = (
    "Tornillo M8 × 40",
    "Arandela <A2>",
    "Guante talla 9",
    "Cinta aislante",
    "Broca",
)
#: Of every contestant so many mails are parsed and compared.
COMPARED = 25

Context_ = dict[str, Any]
Parts = Callable[[Context_], tuple[str, str, str]]
_work: list[tuple[Context_, UUID, str]] = []
_ready: dict[str, Any] = {}
# A sender hands each mail on: keeping them all would measure memory, not composing.
_made = {"mails": 0, "octets": 0}
_kept: list[bytes] = []


def context(number: int) -> Context_:
    first, last = FIRST[number % len(FIRST)], LAST[number % len(LAST)]
    token = links.make("invitation", UUID(int=number))
    return {
        "buyer": {
            "first_name": f"{first} {number}",
            "full_name": f"{first} {last} {number}",
            "number": str(number),
        },
        "account": {
            "name": f"Talleres {last} {number}",
            "number": f"C/{number:06d}",
            "city": "Vitoria-Gasteiz",
        },
        "rep": {
            "name": f"Representante {number % 40}",
            "phone": f"+34 976 {number % 1000:03d} 000",
            "email": f"rep{number % 40}@norte.example",
        },
        "order": {
            "lines": [
                {"name": GOODS[row], "quantity": str(number % 90 + row)}
                for row in range(5)
            ]
        },
        "links": {
            "invitation": f"https://mail.norte.example/i/{token}",
            "store": "https://tienda.norte.example",
            "unsubscribe": f"https://mail.norte.example/u/{token}",
        },
        "brand": BRAND,
    }


def prepare(size: int) -> None:
    _made.update(mails=0, octets=0)
    _kept.clear()
    _ready["every"] = max(1, size // COMPARED)
    _work[:] = [
        (context(number), UUID(int=number), f"buyer{number}@sur.example")
        for number in range(size)
    ]


def templates() -> Templates:
    source = Source(SUBJECT, PREHEADER, BODY)
    return build(source, language="es", purpose="marketing", brand=BRAND)


def prepare_ours(size: int) -> None:
    prepare(size)
    compiled = Compiled(templates(), language="es", purpose="marketing", brand=BRAND)
    # The first mail readies what the process keeps for all the others.
    envelope.bytes(compiled, context(0), uuid=UUID(int=0), to="a@b.example", at=AT)
    _ready["ours"] = compiled


def run_ours(size: int) -> Mapping[str, float]:
    compiled = _ready["ours"]
    for facts, uuid, to in _work:
        hand_over(envelope.bytes(compiled, facts, uuid=uuid, to=to, at=AT))
    return {"bytes_per_mail": _made["octets"] / size}


def hand_over(octets: bytes) -> None:
    if _made["mails"] % _ready["every"] == 0:
        _kept.append(octets)
    _made["mails"] += 1
    _made["octets"] += len(octets)


def prepare_django(size: int) -> None:
    prepare(size)
    engine, mail = Engine(autoescape=True), templates()
    subject, text, page = (
        engine.from_string(_in_django(part))
        for part in (mail.subject, mail.text, mail.html)
    )

    def fill(facts: Context_) -> tuple[str, str, str]:
        plain = Context(facts, autoescape=False)
        return subject.render(plain), text.render(plain), page.render(Context(facts))

    _ready["parts"] = fill


def prepare_liquid(size: int) -> None:
    prepare(size)
    mail = templates()
    subject, text = syntax.parse(mail.subject), syntax.parse(mail.text)
    page = syntax.parse(mail.html, syntax.HTML)

    def fill(facts: Context_) -> tuple[str, str, str]:
        return subject.render(facts), text.render(facts), page.render(facts)

    _ready["parts"] = fill


def run_message(size: int) -> None:
    _serialise(_ready["parts"])


def _serialise(fill: Parts) -> None:
    sender = headers.sender(BRAND)
    for facts, uuid, to in _work:
        subject, text, page = fill(facts)
        mail = EmailMultiAlternatives(
            subject,
            text,
            sender,
            [to],
            reply_to=[BRAND["reply_to"]],
            headers={
                **headers.fixed(),
                **headers.of_delivery(uuid, headers.date(AT), "norte.example"),
                **headers.unsubscribe("marketing", facts["links"]["unsubscribe"]),
            },
        )
        mail.attach_alternative(page, "text/html")
        hand_over(mail.message().as_bytes(linesep="\r\n"))


def _in_django(source: str) -> str:
    """The same template in Django's language: only the filters are spelt otherwise."""
    source = re.sub(r" \| in_url", "|urlencode:''", source)
    return re.sub(r" \| in_address", "|urlencode:'@+'", source)


def check(size: int) -> str:
    demand(_made["mails"] == size, f"{_made['mails']} of {size} mails were made.")
    said = [_said(octets) for octets in _kept]
    return sha256(repr(said).encode()).hexdigest()


def _said(octets: bytes) -> tuple[Any, ...]:
    """What a reader's program finds: headers, and the parts without their coding."""
    mail = message_from_bytes(octets, policy=policy.default)
    named = sorted(
        (name, " ".join(str(value).split()))
        for name, value in mail.items()
        if name != "Content-Type"
    )
    # The engines write quotes as different entities, which read the same.
    parts = [
        (part.get_content_type(), html.unescape(part.get_content()).split())
        for part in mail.iter_parts()
    ]
    return mail.get_content_type(), named, parts


BENCHMARK = Benchmark(
    unit="mails",
    size=2_000,
    database=False,
    contestants=(
        Contestant(OURS, run_ours, prepare_ours, check),
        Contestant("django", run_message, prepare_django, check),
        Contestant("python-liquid", run_message, prepare_liquid, check),
    ),
)
