"""Nobody takes in reports that anybody could have made up."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from onboarding import mail, safety, webhooks
from onboarding.env import Reader

SECRET = "provider:a-long-and-random-secret"


@pytest.fixture
def set_up(settings):
    """The settings that an environment gives."""

    def set_up(transport="outbox", **environment):
        env = Reader(environment)
        settings.WEBHOOKS = webhooks.read_providers(env, transport)
        settings.WEBHOOK_TOPICS = env.names(webhooks.TOPICS)
        settings.WEBHOOK_RESEND = env.text(webhooks.RESEND)
        settings.ANYMAIL = webhooks.read_secrets(env)
        return settings

    return set_up


def test_who_sends_through_a_provider_takes_its_reports(set_up):
    assert set_up("postmark").WEBHOOKS == ["postmark"]
    assert set_up("smtp").WEBHOOKS == set_up("outbox").WEBHOOKS == []
    assert set_up("postmark", WEBHOOKS="mailgun, brevo").WEBHOOKS == [
        "mailgun",
        "brevo",
    ]
    assert set_up("postmark", WEBHOOKS="none").WEBHOOKS == []


@pytest.mark.parametrize("provider", sorted(webhooks.PROOFS))
def test_it_does_not_start_without_a_proof(set_up, provider):
    set_up(WEBHOOKS=provider)
    with pytest.raises(ImproperlyConfigured, match=provider):
        safety.refuse_open_webhooks()
    with pytest.raises(SystemCheckError, match="E003"):
        call_command("check", deploy=True)


PROVEN = [(name, way) for name, ways in webhooks.PROOFS.items() for way in ways]


@pytest.mark.parametrize(("provider", "way"), PROVEN)
def test_it_starts_with_any_of_the_ways_to_prove_it(set_up, provider, way):
    set_up(WEBHOOKS=provider, **dict.fromkeys(way, SECRET))
    safety.refuse_open_webhooks()


def test_half_a_proof_is_none(set_up):
    set_up(WEBHOOKS="amazon_ses", WEBHOOK_SECRET=SECRET)
    with pytest.raises(ImproperlyConfigured, match="AMAZON_SES_TOPICS"):
        safety.refuse_open_webhooks()


@pytest.mark.parametrize("secret", ["user:short", "long-enough-but-without-a-user"])
def test_a_secret_that_can_be_guessed_is_none(set_up, secret):
    with pytest.raises(ImproperlyConfigured, match="WEBHOOK_SECRET"):
        set_up(WEBHOOK_SECRET=secret)


def test_a_provider_that_nobody_knows_is_told_of(set_up):
    with pytest.raises(ImproperlyConfigured, match="carrier_pigeon"):
        set_up(WEBHOOKS="carrier_pigeon")


@pytest.mark.parametrize(
    ("address", "encryption", "port"),
    [
        ("imaps://a%40b.example:p%3Aw@mail.example", "imaps", 993),
        ("imap+tls://a%40b.example:p%3Aw@mail.example", "imap+tls", 143),
        ("imap://a%40b.example:p%3Aw@127.0.0.1:10143/INBOX", "imap", 10143),
    ],
)
def test_a_mailbox_is_one_address(address, encryption, port):
    assert mail.read_mailbox(Reader({"BOUNCE_MAILBOX_URL": address})) == {
        "encryption": encryption,
        "host": address.rpartition("@")[2].partition(":")[0].partition("/")[0],
        "port": port,
        "user": "a@b.example",
        "password": "p:w",
        "folder": "INBOX",
    }


@pytest.mark.parametrize(
    "address", ["imap://a:b@mail.example", "pop3://a:b@mail.example", "imaps://host"]
)
def test_a_mailbox_that_cannot_be_read_safely_is_refused(address):
    with pytest.raises(ImproperlyConfigured, match="BOUNCE_MAILBOX_URL") as refusal:
        mail.read_mailbox(Reader({"BOUNCE_MAILBOX_URL": address}))
    assert ":b@" not in str(refusal.value)
