"""Which addresses are taken, how they are kept, and when two are the same."""

import hmac

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.customers import addresses, problems
from accounts.customers.addresses import BadAddress, check
from accounts.customers.models import Buyer
from tests.factories import AccountFactory, BuyerFactory


@pytest.mark.parametrize(
    ("typed", "email", "key"),
    [
        ("ana@acme.example", "ana@acme.example", "ana@acme.example"),
        (" Ana.B@ACME.Example ", "Ana.B@acme.example", "ana.b@acme.example"),
        ("a+tag@x.es", "a+tag@x.es", "a+tag@x.es"),
        ("o'hara@x.ie", "o'hara@x.ie", "o'hara@x.ie"),
        ("ana@ñandú.es", "ana@xn--and-6ma2c.es", "ana@xn--and-6ma2c.es"),
        ("a@XN--AND-6MA2C.es", "a@xn--and-6ma2c.es", "a@xn--and-6ma2c.es"),
    ],
)
def test_what_is_taken_and_how(typed, email, key):
    found = check(typed)
    assert (found.email, found.key) == (email, key)
    assert found.hash == addresses.hash_of(key)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "address_empty"),
        ("   ", "address_empty"),
        ("ana at acme.example", "address_no_at"),
        ("a@b@acme.example", "address_several_at"),
        ("@acme.example", "address_local_empty"),
        ("ñandú@acme.example", "address_local_not_ascii"),
        ("аnn@acme.example", "address_local_not_ascii"),  # Cyrillic а
        ("a" * 65 + "@acme.example", "address_local_long"),
        ("a" * 64 + "@" + "b" * 60 + "." + ("c" * 60 + ".") * 3 + "es", "address_long"),
        ("a b@acme.example", "address_local_signs"),
        ("a..b@acme.example", "address_dots"),
        (".a@acme.example", "address_dots"),
        ("a.@acme.example", "address_dots"),
        ('"a b"@acme.example', "address_quoted"),
        ("=?utf-8?q?a=40evil.example?=@b.example", "address_encoded_word"),
        ("Ana <ana@acme.example>", "address_display_name"),
        ("ana\r\nbcc@acme.example", "address_hidden"),
        ("ana\0@acme.example", "address_hidden"),
        ("ana\u202e@acme.example", "address_hidden"),
        ("ana\u2028@acme.example", "address_hidden"),
        ("ana@acme\x85.example", "address_hidden"),
        ("ana@acme.example.", "address_trailing_dot"),
        ("ana@[192.0.2.1]", "address_literal"),
        ("ana@localhost", "address_domain"),
        ("ana@", "address_domain"),
        ("ana@-acme.example", "address_domain"),
        ("ana@acme..example", "address_domain"),
        ("ana@acme.test", "address_domain_reserved"),
        ("ana@host.LOCAL", "address_domain_reserved"),
        ("ana@ａcme.example", "address_lookalike"),  # full-width a
        ("ana@аcme.example", "address_lookalike"),  # Cyrillic а beside Latin
    ],
)
def test_what_is_refused_and_why(typed, code):
    with pytest.raises(BadAddress) as refused:
        check(typed)
    assert refused.value.code == code
    assert code in problems.ADDRESS


def test_the_hash_is_keyed(settings):
    settings.ADDRESS_HASH_KEY = "one"
    one = addresses.hash_of("ana@acme.example")
    settings.ADDRESS_HASH_KEY = "two"
    assert addresses.hash_of("ana@acme.example") != one
    assert one == hmac.digest(b"one", b"ana@acme.example", "sha256")
    assert len(one) == 32


# -- Beside a library that has read the RFCs ----------------------------------------

_LOCAL = st.text("aA1.+-_'=?!\"@ ()ñ", max_size=66)
_DOMAIN = st.one_of(
    st.text("aA1.-", max_size=30),
    st.from_regex(r"[a-zA-Z0-9-]{1,5}(\.[a-zA-Z0-9-]{1,5}){0,3}", fullmatch=True),
    st.sampled_from(["acme.example", "x.test", "xn--and-6ma2c.es", "ab--c.es"]),
)


def oracle(text):
    """What email_validator makes of it; "" where it refuses."""
    try:
        return validate_email(
            text, check_deliverability=False, strict=True, allow_smtputf8=False
        ).ascii_email
    except EmailNotValidError:
        return ""


def ours(text):
    try:
        return check(text).email
    except BadAddress:
        return ""


@given(_LOCAL, _DOMAIN)
@settings(max_examples=1500, deadline=None)
def test_ascii_addresses_are_taken_as_by_email_validator(local, domain):
    """But for encoded words, which could hide another address."""
    text = f"{local}@{domain}"
    expected = "" if "=?" in local else oracle(text.strip())
    assert ours(text) == expected


@given(st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=500, deadline=None)
def test_nothing_we_take_can_break_a_header(local, domain):
    found = ours(f"{local}@{domain}")
    if found:
        assert found.isascii()
        assert found.isprintable()
        assert " " not in found
        assert check(found).email == found, "what was taken is taken again, the same"


# -- On a buyer ----------------------------------------------------------------------


def test_a_buyer_keeps_address_key_and_hash_together(db):
    buyer = BuyerFactory(email="Ana@ACME.example")
    assert (buyer.email, buyer.email_key) == ("Ana@acme.example", "ana@acme.example")
    buyer.email = "b@acme.example"
    buyer.save(update_fields=["email"])
    found = Buyer.objects.get()
    assert found.email_key == "b@acme.example"
    assert bytes(found.address_hash) == addresses.hash_of("b@acme.example")
    found.email = ""
    found.save()
    assert Buyer.objects.values_list("email_key", "address_hash").get() == ("", None)


def test_the_database_refuses_an_address_without_its_key(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        Buyer.objects.bulk_create(
            [Buyer(account=AccountFactory(), email="a@x.es", language="es")]
        )


def test_an_address_is_unique_in_its_account_without_case(db):
    first = BuyerFactory(email="ana@acme.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        BuyerFactory(account=first.account, email="ANA@acme.example")
    assert BuyerFactory(email="ana@acme.example").pk, "another account may share it"


def test_forms_say_what_is_wrong(db):
    buyer = BuyerFactory.build(account=AccountFactory(), email="ana at acme")
    with pytest.raises(ValidationError) as told:
        buyer.full_clean()
    assert told.value.message_dict["email"] == [
        "This is no e-mail address: the @ is missing."
    ]


def test_forms_tell_of_a_colleague_s_address(db):
    first = BuyerFactory(email="ana@acme.example")
    twin = BuyerFactory.build(account=first.account, email="Ana@acme.example")
    with pytest.raises(ValidationError) as told:
        twin.full_clean()
    assert "email" in told.value.message_dict


@pytest.mark.parametrize(
    "name", ["Ana\r\nBcc: x", "Ana\u202e", "see www.evil.com", "a@b"]
)
def test_names_that_could_mislead_are_refused(db, name):
    buyer = BuyerFactory.build(account=AccountFactory(), first_name=name)
    with pytest.raises(ValidationError) as told:
        buyer.full_clean()
    assert "first_name" in told.value.message_dict
