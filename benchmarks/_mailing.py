"""The mailing that `send` measures: its people, its message, and where it goes."""

import atexit
import json
import os
import ssl
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import connection

from accounts.consent.models import Permission
from accounts.customers.models import Account, Buyer
from campaigns.messages.models import Brand, Message, MessageText
from campaigns.sequences.models import SendingRules
from tests.support import certificates

from . import _sink
from .harness import demand, work_folder

#: A Monday morning, at the hour of the message in Madrid.
BEFORE = datetime(2026, 11, 23, 5, tzinfo=UTC)
AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
SENDER = "hello@distributor.example"

PARAGRAPH = (
    "From today on you can order online whenever it suits you, early or late, at **your "  # noqa: E501
    "prices**, on your terms and with the stock of *this very moment*. Nothing else "
    "changes: our phone and our mailbox stay open for you, {{ buyer.first_name }}.\n\n"
)
SUBJECT = "{{ account.name }}: your way into our store, {{ buyer.first_name }}"
PREHEADER = "{{ buyer.first_name }}, all is ready for {{ account.name }}."
BODY = (
    """\
# Hello {{ buyer.first_name }},

{{ account.name }} (customer {{ account.number }}, {{ account.city }}) has access now.

[Go to {{ brand.store_name }}]({{ links.store }}){.button}

"""
    + PARAGRAPH * 10
    + """\
| What | For you |
|---|---|
| Company | {{ account.name }} |
| Customer number | {{ account.number }} |
| Town | {{ account.city }} |
| Your name here | {{ buyer.full_name }} |
| Address | {{ buyer.email }} |

{% if rep.name %}
- Your contact: {{ rep.name }}, {{ rep.phone }}
{% else %}
- Write to us whenever you like.
{% endif %}

"""
    + PARAGRAPH * 4
)

#: A million of them must not need a million objects at a time. A multiple of four.
PEOPLE_AT_ONCE = 5_000

_open = ExitStack()
atexit.register(_open.close)
_state: dict[str, int] = {}


#: More in a week than there are rounds; each address is counted all the same.
WEEKLY_CAP = 1_000


def make_people(size: int, *, time_zone: str = "Europe/Madrid") -> None:
    """So many buyers, four to a company, who may be written to in every round."""
    SendingRules.objects.update_or_create(defaults={"weekly_cap": WEEKLY_CAP})
    for first in range(0, size, PEOPLE_AT_ONCE):
        _make_some(first, min(first + PEOPLE_AT_ONCE, size), time_zone)


def _make_some(first: int, end: int, time_zone: str) -> None:
    accounts = Account.objects.bulk_create(
        Account(
            number=f"B{n}",
            number_key=f"b{n}",
            name=f"Talleres Muñoz {n}",
            city="Zaragoza",
            country="ES",
            time_zone=time_zone,
        )
        for n in range(first // 4, -(-end // 4))
    )
    buyers = [
        Buyer(
            account=accounts[(n - first) // 4],
            first_name="Begoña",
            last_name=f"Echeverría {n}",
            email=f"begona{n}@talleres.example",
            language="en",
        )
        for n in range(first, end)
    ]
    for buyer in buyers:
        buyer.keep_address()
    Permission.objects.bulk_create(
        Permission(
            buyer=buyer,
            allowed=True,
            chosen=False,
            basis="existing_customer",
            since=BEFORE,
        )
        for buyer in Buyer.objects.bulk_create(buyers)
    )


def make_message() -> Message:
    brand = Brand.objects.create(
        name="Distributor",
        sender_name="Distributor",
        sender_email=SENDER,
        postal_address="1 Example Street\n50016 Zaragoza",
        store_name="Distributor's store",
        languages=["en"],
    )
    message = Message.objects.create(name="Bench", purpose="marketing", brand=brand)
    MessageText.objects.create(
        message=message,
        language="en",
        subject=SUBJECT,
        preheader=PREHEADER,
        body=BODY,
    )
    return message


def open_sink(*, delay: float = 0, tls: bool = False) -> None:
    """Start the sink of this turn, and send to it from here on."""
    options = [f"delay={delay}"]
    if tls:
        certificate = certificates.make(work_folder())
        options = [f"tls={certificate}"]
        # As an installation would trust its relay's own certificate.
        os.environ["SSL_CERT_FILE"] = str(certificate)
    port = _open.enter_context(_sink.running(*options))
    _state["port"], _state["tls"] = port, int(tls)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = False, tls
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""


def sink_port() -> int:
    return _state["port"]


def demand_taken(size: int) -> None:
    """Everybody got one, says the sink."""
    tls = ssl.create_default_context() if _state["tls"] else None
    messages, recipients = _sink.count(sink_port(), tls=tls)
    demand(messages == size, f"the sink took {messages} of {size} mails")
    demand(recipients == size, f"{recipients} of {size} different people")


def facts(size: int) -> list[tuple[str, dict[str, Any]]]:
    """(address, values for a template) of so many people, for peers."""
    from campaigns.messages import context

    people = list(Buyer.objects.order_by("pk").values_list("pk", "email")[:size])
    known = context.of([pk for pk, _email in people])
    brand = {"name": "Distributor", "store_name": "Distributor's store"}
    return [(email, {**known[pk], "brand": brand}) for pk, email in people]


def with_way_out(address: str, values: dict[str, Any]) -> dict[str, Any]:
    """The values with a signed link of this one's own, as any lawful mailing has it."""
    token = signing.dumps(address, salt="unsubscribe")
    link = f"https://mail.distributor.example/u/{token}"
    return {**values, "links": {**values["links"], "unsubscribe": link}}


def headers_of(values: dict[str, Any]) -> dict[str, str]:
    return {
        "List-Unsubscribe": f"<{values['links']['unsubscribe']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def store_for_peers(size: int) -> None:
    """The same people as rows of a table that peers keep their ledger in."""
    rows = facts(size)
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS peer_mail;"
            "CREATE TABLE peer_mail (id bigserial PRIMARY KEY, address text,"
            " facts jsonb, state text DEFAULT 'planned', sent_at timestamptz)"
        )
        cursor.executemany(
            "INSERT INTO peer_mail (address, facts) VALUES (%s, %s)",
            [(address, json.dumps(values)) for address, values in rows],
        )


def write_templates(message: Message) -> None:
    """The message as Django templates, for peers, beside the work."""
    from campaigns.messages import brands
    from campaigns.messages.build import Source, build

    from .compose import _in_django

    brand = brands.describe(message.brand)
    mail = build(
        Source(SUBJECT, PREHEADER, BODY),
        language="en",
        purpose="marketing",
        brand=brand,
    )
    for name in ("subject", "text", "html"):
        source = _in_django(getattr(mail, name))
        (work_folder() / f"mail.{name}").write_text(source, encoding="utf-8")


def template(name: str) -> str:
    return (work_folder() / f"mail.{name}").read_text(encoding="utf-8")
