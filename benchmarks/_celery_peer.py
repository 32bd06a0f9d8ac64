"""A peer: Celery with many mails in a task, the way its users write it.

Each task loads its rows, renders Django's templates, sends over one connection and
marks its rows. ``celery -A benchmarks._celery_peer worker``
"""

import json
import os
from functools import cache
from typing import Any

import django
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
django.setup()

from django.core.mail import EmailMultiAlternatives, get_connection  # noqa: E402
from django.db import connection as database  # noqa: E402
from django.template import Context, Engine, Template  # noqa: E402

from ._mailing import (  # noqa: E402
    SENDER,
    headers_of,
    template,
    with_way_out,
)

app = Celery("bench")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_default_queue = "bench"


@app.task(name="bench.send")
def send(ids: list[int]) -> None:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT id, address, facts::text FROM peer_mail WHERE id = ANY(%s)", [ids]
        )
        rows = cursor.fetchall()
    messages = [write(address, json.loads(facts)) for _pk, address, facts in rows]
    with get_connection() as connection:
        connection.send_messages(messages)
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE peer_mail SET state = 'sent', sent_at = now() WHERE id = ANY(%s)",
            [ids],
        )


@app.task(name="bench.ready")
def ready() -> None:
    """Proves that somebody listens."""
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS peer_ready ()")


def write(address: str, facts: dict[str, Any]) -> EmailMultiAlternatives:
    subject, text, page = templates()
    facts = with_way_out(address, facts)
    plain = Context(facts, autoescape=False)
    message = EmailMultiAlternatives(
        subject.render(plain),
        text.render(plain),
        SENDER,
        [address],
        headers=headers_of(facts),
    )
    message.attach_alternative(page.render(Context(facts)), "text/html")
    return message


@cache
def templates() -> list[Template]:
    engine = Engine()
    return [engine.from_string(template(name)) for name in ("subject", "text", "html")]
