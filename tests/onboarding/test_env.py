import pytest
from django.core.exceptions import ImproperlyConfigured

from onboarding.env import PATIENCE, Reader


def test_what_is_not_set_or_empty_takes_the_default():
    env = Reader({"EMPTY": ""})
    assert env.text("MISSING", "x") == "x"
    assert env.text("EMPTY", "x") == "x"
    assert env.flag("EMPTY", default=True) is True
    assert env.number("MISSING", 7) == 7
    assert env.names("MISSING", ["a"]) == ["a"]


def test_values_are_read_by_their_type():
    env = Reader({"ON": "Yes", "OFF": "0", "N": "12", "LIST": "a, b,,c "})
    assert env.flag("ON") is True
    assert env.flag("OFF", default=True) is False
    assert env.number("N", 0) == 12
    assert env.names("LIST") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda env: env.flag("X"), "perhaps"),
        (lambda env: env.number("X", 1), "-3"),
        (lambda env: env.number("X", 1, least=1), "0"),
        (lambda env: env.number("X", 1), "1.5"),
        (lambda env: env.choice("X", "a", ["a", "b"]), "c"),
        (lambda env: env.address("X", "https://a.example"), "shop.example"),
        (lambda env: env.address("X", "https://a.example"), "ftp://shop.example"),
        (lambda env: env.database("X", ""), "sqlite:///db.sqlite3"),
        (lambda env: env.redis("X", ""), "http://127.0.0.1"),
        (lambda env: env.mail("X", "mail"), "imap://mail.example"),
        (lambda env: env.mail("X", "mail"), "smtp+tls:///"),
        (lambda env: env.secret("X", ""), "short"),
    ],
)
def test_nonsense_is_refused_with_the_name_of_the_variable(read, value):
    with pytest.raises(ImproperlyConfigured, match=r"^X "):
        read(Reader({"X": value}))


def test_a_refusal_never_repeats_a_password():
    with pytest.raises(ImproperlyConfigured) as refusal:
        Reader({"X": "mysql://me:geheim@db/x"}).database("X", "")
    assert "geheim" not in str(refusal.value)


def test_a_secret_comes_from_the_file_that_is_named(tmp_path):
    file = tmp_path / "secret"
    file.write_text("s" * 40 + "\n", encoding="utf-8")
    env = Reader({"SECRET_KEY": "other" * 10, "SECRET_KEY_FILE": str(file)})
    assert env.secret("SECRET_KEY", "") == "s" * 40


def test_a_file_that_cannot_be_read_is_an_error_and_no_default():
    env = Reader({"SECRET_KEY_FILE": "/nowhere/secret"})
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FILE"):
        env.secret("SECRET_KEY", "default")


def test_a_database_that_vanished_is_given_up_and_the_address_decides_when():
    url = "postgresql://me@db.internal/x?connect_timeout=2"
    options = Reader({"X": url}).database("X", "")["OPTIONS"]
    assert options["connect_timeout"] == 2
    assert options["tcp_user_timeout"] == 30_000
    assert Reader({}).database("X", url.partition("?")[0])["OPTIONS"] == PATIENCE


def test_what_is_needed_says_who_needs_it():
    with pytest.raises(ImproperlyConfigured, match=r"TOKEN .* sending mail needs it"):
        Reader({}).needed("TOKEN", "sending mail")


def test_an_address_loses_its_last_slash():
    assert Reader({"X": "https://a.example/"}).address("X", "") == "https://a.example"


@pytest.mark.parametrize(
    ("url", "port", "secure"),
    [
        ("smtp+tls://me:pa%40ss@mail.example", 587, "EMAIL_USE_TLS"),
        ("smtp+ssl://me:pa%40ss@mail.example", 465, "EMAIL_USE_SSL"),
        ("smtp+ssl://me:pa%40ss@mail.example:4650", 4650, "EMAIL_USE_SSL"),
    ],
)
def test_a_mail_address_brings_port_password_and_encryption(url, port, secure):
    described = Reader({"EMAIL_URL": url}).mail("EMAIL_URL", "smtp")
    assert described["EMAIL_PORT"] == port
    assert described["EMAIL_HOST_PASSWORD"] == "pa@ss"
    assert described[secure] is True
