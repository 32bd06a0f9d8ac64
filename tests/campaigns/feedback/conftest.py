import base64

import pytest

from accounts.journal import clock
from campaigns.feedback import process, providers
from campaigns.feedback.models import Post
from campaigns.sequences.models import Delivery

from . import scenes

SECRET = "provider:a-long-and-random-secret"


@pytest.fixture(autouse=True)
def open_doors(settings):
    """Every provider's reports are taken in, each proven in its own way."""
    settings.WEBHOOKS = sorted(providers.PROVIDERS)
    settings.WEBHOOK_TOPICS = [scenes.TOPIC]
    settings.WEBHOOK_RESEND = ""
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": SECRET,
        "MAILERSEND_SIGNING_SECRET": "mailersend-signing",
        "MAILERSEND_INBOUND_SECRET": "mailersend-inbound",
        "MAILGUN_WEBHOOK_SIGNING_KEY": "mailgun-signing",
        "MANDRILL_WEBHOOK_KEY": "mandrill-key",
        "POSTAL_WEBHOOK_KEY": "unused",
        "UNISENDER_GO_API_KEY": "unisender-key",
    }
    providers.door.cache_clear()
    yield
    providers.door.cache_clear()


@pytest.fixture
def secret():
    return "Basic " + base64.b64encode(SECRET.encode()).decode()


@pytest.fixture
def post(client, secret, db):
    """Post a report as the provider would, with the shared secret."""

    def post(provider, body, *, kind="", content_type="application/json", **headers):
        return client.post(
            f"/webhooks/{provider}/{kind}",
            data=body,
            content_type=content_type,
            headers={"Authorization": secret, **headers},
        )

    return post


@pytest.fixture
def sent(db):
    """A delivery that was handed over, to Ana."""
    return scenes.make_sent()


@pytest.fixture
def take_in():
    """Read a stored body, and whatever follows from it."""

    def take_in(provider, body, *, inbound=False, content_type="", headers=None):
        Post.objects.create(
            provider=provider,
            body=body,
            inbound=inbound,
            content_type=content_type or "application/json",
            headers=headers or {},
        )
        return process.process(clock.now())

    return take_in


@pytest.fixture
def state():
    def state(delivery):
        return Delivery.objects.get(pk=delivery.pk).state

    return state
