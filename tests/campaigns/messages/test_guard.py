"""Values bound for a header."""

import pytest
from django.core.exceptions import ValidationError

from campaigns.messages import guard

UNSAFE = [
    "a\rb",
    "a\nb",
    "a\r\nBcc: eve@evil.example",
    "a\x00b",
    "a\x0bb",
    "a\x85b",
    "a\u2028b",
    "a\u2029b",
    "a\u202eb",
    "a\u2066b",
    "\x7f",
]
BAD_ADDRESSES = [
    "",
    "nobody",
    "@b.example",
    "a@",
    "a b@c.example",
    "a@b.example,c@d.example",
    "a@b.example\nBcc: eve@evil.example",
    "=?utf-8?q?a=40evil.example?=@b.example",
    "Ana <a@b.example>",
    "a@b@c.example",
    "x" * 65 + "@b.example",
    "a@" + "b" * 260 + ".example",
]


@pytest.mark.parametrize("value", UNSAFE)
def test_breaks_controls_and_overrides_are_refused_everywhere(value):
    with pytest.raises(guard.UnsafeHeader):
        guard.check("Subject", value)
    with pytest.raises(ValidationError):
        guard.validate(value)
    assert not guard.UNSAFE.search(guard.clean(value))


@pytest.mark.parametrize("value", ["", "¡Hola, Ñandú!", "😀", "a%0d%0ab", "O'Brien"])
def test_ordinary_values_pass_unchanged(value):
    assert guard.check("Subject", value) == value
    assert guard.clean(value) == value


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_what_is_not_one_plain_address_is_refused(address):
    with pytest.raises(guard.UnsafeHeader):
        guard.check_address("To", address)


@pytest.mark.parametrize(
    "address", ["a@b.example", "o'brien+x@b.example", "ñ@b.example", "a@españa.example"]
)
def test_plain_addresses_pass(address):
    assert guard.check_address("To", address) == address


def test_the_error_never_holds_the_value():
    with pytest.raises(guard.UnsafeHeader) as caught:
        guard.check("Subject", "secret\n")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["Win https://evil.example", "www.evil.example", "a@b.example", "evil.io/x"]
)
def test_a_sender_name_may_not_read_as_a_link(name):
    with pytest.raises(ValidationError):
        guard.validate_name(name)


@pytest.mark.parametrize("name", ["Norte, S.L.U.", "J.R. & Cía", "Amazon.com"])
def test_company_names_with_dots_pass(name):
    guard.validate_name(name)
