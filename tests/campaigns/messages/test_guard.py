"""Values bound for a header."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

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


texts = st.text(
    st.sampled_from(
        [*"aB1ñ .:/@w", *"\u00a0\u2003\u3000\t\n\r\x1c\x85\u2028\u202e\u200b"]
    )
    | st.characters(),
    max_size=12,
)


@given(texts)
def test_what_is_clean_already_is_taken_as_the_whole_way_would_make_it(value):
    assert guard.clean(value) == " ".join(guard.UNSAFE.sub(" ", value).split())


@given(texts | st.from_regex(guard.LINK_LIKE))
def test_no_link_is_missed_by_looking_for_its_signs_first(value):
    assert guard.reads_as_link(value) == bool(guard.LINK_LIKE.search(value))
