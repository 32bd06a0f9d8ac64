import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from onboarding import mail
from onboarding.env import Reader


def test_without_a_choice_mail_goes_to_the_outbox():
    chosen = mail.read_settings(Reader({}))
    assert chosen["MAIL_TRANSPORT"] == "outbox"
    assert chosen["EMAIL_BACKEND"] == mail.OUTBOX


def test_smtp_takes_its_server_from_the_address():
    chosen = mail.read_settings(
        Reader({"MAIL_TRANSPORT": "smtp", "EMAIL_URL": "smtp+tls://a:b@mail.example"})
    )
    assert chosen["EMAIL_BACKEND"] == mail.SMTP
    assert (chosen["EMAIL_HOST"], chosen["EMAIL_PORT"]) == ("mail.example", 587)


def test_mail_never_leaves_the_machine_in_the_clear():
    env = {"MAIL_TRANSPORT": "smtp", "EMAIL_URL": "smtp://mail.example:25"}
    with pytest.raises(ImproperlyConfigured, match="in the clear"):
        mail.read_settings(Reader(env))


def test_a_server_on_the_same_machine_may_do_without_encryption():
    env = {"MAIL_TRANSPORT": "smtp", "EMAIL_URL": "smtp://127.0.0.1:2525"}
    assert mail.read_settings(Reader(env))["EMAIL_PORT"] == 2525


@pytest.mark.parametrize("name", sorted(mail.PROVIDERS))
def test_each_provider_exists_and_starts_with_what_it_needs(name, settings):
    needed, _ = mail.PROVIDERS[name]
    values = {key: f"https://{key.lower()}.example" for key in needed}
    chosen = mail.read_settings(Reader({"MAIL_TRANSPORT": name, **values}))
    settings.ANYMAIL = chosen["ANYMAIL"]
    import_string(chosen["EMAIL_BACKEND"])()


@pytest.mark.parametrize("name", sorted(mail.PROVIDERS))
def test_each_provider_says_what_it_lacks(name):
    with pytest.raises(ImproperlyConfigured, match=mail.PROVIDERS[name][0][0]):
        mail.read_settings(Reader({"MAIL_TRANSPORT": name}))


def test_a_provider_is_never_called_in_the_clear():
    env = {
        "MAIL_TRANSPORT": "sparkpost",
        "SPARKPOST_API_KEY": "k",
        "SPARKPOST_API_URL": "http://api.example",
    }
    with pytest.raises(ImproperlyConfigured, match="https"):
        mail.read_settings(Reader(env))


def test_an_unknown_transport_is_refused():
    with pytest.raises(ImproperlyConfigured, match="MAIL_TRANSPORT"):
        mail.read_settings(Reader({"MAIL_TRANSPORT": "pigeon"}))
