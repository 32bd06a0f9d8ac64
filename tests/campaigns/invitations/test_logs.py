"""A personal link is a bearer secret: no line of the log may hold one."""

import io
import logging
from logging.config import DictConfigurator

import pytest
from django.conf import settings

from accounts.consent import links as leaving

from .conftest import link_of


@pytest.fixture
def log():
    """Everything that would be written, as it would be written, from DEBUG up."""
    described = dict(settings.LOGGING["formatters"]["line"])
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(
        DictConfigurator({"version": 1}).configure_formatter(described)
    )
    root = logging.getLogger()
    level, watched = root.level, ("django", "django_structlog", "django.request")
    before = {name: logging.getLogger(name).level for name in watched}
    root.addHandler(handler)
    for name in ("", *watched):
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield handler.stream
    root.removeHandler(handler)
    root.setLevel(level)
    for name, value in before.items():
        logging.getLogger(name).setLevel(value)


@pytest.mark.django_db
def test_no_log_line_holds_a_token_an_address_or_a_name(client, invitation, log):
    buyer = invitation.buyer
    unsubscribe = leaving.unsubscribe(buyer.uuid)
    tokens = [link_of(invitation)[3:], unsubscribe.rsplit("/", 1)[1]]

    client.get(link_of(invitation))
    client.get(f"{link_of(invitation)}/more")
    client.get("/i/")
    client.post("/i/accept")
    client.get("/me/")
    client.get(f"/u/{tokens[1]}", headers={"referer": unsubscribe})
    client.post(f"/u/{tokens[1]}")
    client.post(f"/u/{tokens[1]}x")

    written = log.getvalue()
    assert "/i/" in written
    assert "/u/" in written
    for secret in (*tokens, buyer.email, buyer.last_name):
        assert secret not in written
