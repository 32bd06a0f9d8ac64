"""Every provider is told our own id in a form that its reports give back."""

import json
from uuid import uuid4

import pytest
from django.core.mail import EmailMessage, get_connection

from campaigns.sequences.sending.transports import marks
from onboarding.mail import PROVIDERS

#: What each wants before it builds anything; Amazon's asks for a client of its own.
CREDENTIALS = {
    "brevo": {"api_key": "k"},
    "mailersend": {"api_token": "k"},
    "mailgun": {"api_key": "k", "sender_domain": "distributor.example"},
    "mailjet": {"api_key": "k", "secret_key": "k"},
    "mandrill": {"api_key": "k"},
    "postmark": {"server_token": "k"},
    "resend": {"api_key": "k"},
    "scaleway": {"secret_key": "k", "project_id": "p"},
    "sparkpost": {"api_key": "k"},
    "unisender_go": {"api_key": "k", "api_url": "https://go.example/"},
}


def payload_of(provider, uuid, *, marked=True):
    path = f"anymail.backends.{provider}.EmailBackend"
    backend = get_connection(path, **CREDENTIALS[provider])
    backend.ignore_unsupported_features = True
    if marked:
        marks.attach(provider, backend)
    mail = EmailMessage(
        "Hello", "Hello", "us@distributor.example", ["ana@company.example"]
    )
    mail.extra_headers["X-Delivery"] = str(uuid)
    mail.metadata = {"delivery": str(uuid)}
    data = backend.build_message_payload(mail, backend.send_defaults).data
    return json.dumps(without_header(json.loads(json.dumps(data, default=str))))


def without_header(told):
    """A header comes back in no report."""
    if isinstance(told, dict):
        return {k: without_header(v) for k, v in told.items() if k != "X-Delivery"}
    if isinstance(told, list):
        return [without_header(one) for one in told if not is_header(one)]
    return told


def is_header(one):
    return isinstance(one, dict) and "X-Delivery" in one.values()


def test_all_of_them_are_looked_at():
    assert set(CREDENTIALS) == set(PROVIDERS) - {"amazon_ses"}


@pytest.mark.parametrize("provider", sorted(set(CREDENTIALS) - {"scaleway"}))
def test_it_is_told_our_id(provider):
    uuid = uuid4()
    assert str(uuid) in payload_of(provider, uuid)


def test_without_a_mark_mailersend_would_not_be():
    """The negative control."""
    uuid = uuid4()
    assert str(uuid) not in payload_of("mailersend", uuid, marked=False)
    assert json.loads(payload_of("mailersend", uuid))["tags"] == [str(uuid)]
