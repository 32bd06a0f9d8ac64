"""One mail for one delivery, in two forms that say the same."""

import email
import email.policy
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.messages import envelope, guard, headers, wire
from campaigns.messages.attachments import LARGEST, Attachment

from .mails import AT, BRAND, CONTEXT, DELIVERY, compiled

ARGUMENTS = {"uuid": DELIVERY, "to": "ana@sur.example", "at": AT}
PURPOSES = ["marketing", "service"]


def parse(octets: bytes):
    return email.message_from_bytes(octets, policy=email.policy.default)


def both(mail, context=CONTEXT, **changed):
    arguments = ARGUMENTS | changed
    slow = envelope.message(mail, context, **arguments).message()
    fast = envelope.bytes(mail, context, **arguments)
    return parse(slow.as_bytes(linesep="\r\n")), parse(fast)


def header_values(message):
    # Django folds a long subject before its first word, which reads as a space.
    kept = [(name, " ".join(str(value).split())) for name, value in message.items()]
    return sorted(pair for pair in kept if pair[0] != "Content-Type")


def assert_equal(slow, fast):
    assert header_values(slow) == header_values(fast)
    assert slow.get_content_type() == fast.get_content_type()
    parts = list(slow.iter_parts()), list(fast.iter_parts())
    assert len(parts[0]) == len(parts[1]) == 2
    for one, other in zip(*parts, strict=True):
        assert one.get_content_type() == other.get_content_type()
        assert one.get_content_charset() == other.get_content_charset()
        assert lines(one.get_content()) == lines(other.get_content())
    assert not fast.defects


@settings(max_examples=60, deadline=None)
@given(value=st.text(".a\n=ñ ", max_size=200), number=st.text(".9", max_size=90))
def test_no_line_begins_with_a_dot_and_all_end_in_crlf(value, number):
    """So that SMTP needs no look at them: the transport relies on it."""
    context = CONTEXT | {
        "buyer": {"first_name": value},
        "account": {"name": number, "number": value, "city": number},
    }
    body = ".css {}\n\n..\n\n{{ buyer.first_name }}\n\n{{ account.name }}." + "." * 90
    for mail in (*MAILS, compiled(body=body)):
        octets = envelope.bytes(mail, context, **ARGUMENTS)
        assert type(octets) is wire.Written
        assert b"\n." not in octets
        assert not octets.startswith(b".")
        assert octets.endswith(b"\r\n")
        assert octets.count(b"\r\n") == octets.count(b"\n") == octets.count(b"\r")
        assert max(map(len, octets.split(b"\r\n\r\n", 1)[1].split(b"\r\n"))) <= 76
        assert_equal(*both(mail, context))


def lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
subjects = words | st.text("aá😀 =?", max_size=200) | st.text("ab ", max_size=200)
names = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cf"]),
    min_size=1,
    max_size=60,
).filter(str.strip)


@settings(max_examples=60, deadline=None)
@given(subject=subjects, first=words, city=words, line=words, at=st.datetimes())
def test_the_fast_form_equals_djangos_in_all_parts(subject, first, city, line, at):
    context = CONTEXT | {
        "buyer": {"first_name": first},
        "account": {"name": city, "number": subject},
        "order": {"lines": [{"name": line, "quantity": 1}, {"name": None}]},
    }
    for mail in MAILS:
        assert_equal(*both(mail, context, at=at.replace(tzinfo=UTC)))


@settings(max_examples=30, deadline=None)
@given(name=names)
def test_sender_names_are_quoted_alike(name):
    mail = compiled(body="Hi", brand=BRAND | {"sender_name": name})
    slow, fast = both(mail)
    assert_equal(slow, fast)
    assert fast["From"].addresses[0].addr_spec == "pedidos@norte.example"
    assert len(fast["From"].addresses) == 1


MAILS = [
    compiled(subject="{{ account.number }}", purpose=purpose) for purpose in PURPOSES
]


def test_a_commercial_mail_carries_both_headers_of_rfc_8058():
    for form in both(MAILS[0]):
        assert form["List-Unsubscribe"] == "<https://norte.example/u/token>"
        assert form["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_service_mail_offers_no_leaving():
    for form in both(MAILS[1]):
        assert form["List-Unsubscribe"] is None
        assert form["List-Unsubscribe-Post"] is None


def test_a_commercial_mail_without_its_link_to_leave_is_not_made():
    context = CONTEXT | {"links": {"store": "https://store.example"}}
    for make in (envelope.message, envelope.bytes):
        with pytest.raises(headers.NoUnsubscribe):
            make(MAILS[0], context, **ARGUMENTS)


def test_headers_name_the_delivery_and_nobody_answers_automatically():
    for form in both(MAILS[0]):
        assert form["Message-ID"] == f"<{DELIVERY}@norte.example>"
        assert form["X-Delivery"] == str(DELIVERY)
        assert form["Auto-Submitted"] == "auto-generated"
        assert form["Reply-To"] == "hola@norte.example"
        assert form["To"] == "ana@sur.example"
        assert form["Date"].datetime == AT


def test_a_provider_is_told_the_delivery_and_to_track_nothing():
    mail = envelope.message(MAILS[0], CONTEXT, **ARGUMENTS)
    assert mail.metadata == {"delivery": str(DELIVERY)}
    assert mail.track_opens is False
    assert mail.track_clicks is False
    assert mail.recipients() == ["ana@sur.example"]


@pytest.mark.parametrize(
    "to",
    [
        "a@b.example\r\nBcc: eve@evil.example",
        "a@b.example, eve@evil.example",
        "=?utf-8?q?eve=40evil.example?=@b.example",
        "a@b.example\u2028",
        "",
    ],
)
def test_an_unsafe_recipient_stops_both_forms(to):
    for make in (envelope.message, envelope.bytes):
        with pytest.raises(guard.UnsafeHeader):
            make(MAILS[0], CONTEXT, **ARGUMENTS | {"to": to})


@pytest.mark.parametrize("field", ["sender_name", "sender_email", "reply_to"])
def test_an_unsafe_brand_stops_both_forms(field):
    mail = compiled(brand=BRAND | {field: "x\r\nBcc: eve@evil.example"})
    for make in (envelope.message, envelope.bytes):
        with pytest.raises(guard.UnsafeHeader):
            make(mail, CONTEXT, **ARGUMENTS)


def test_an_unsafe_link_to_leave_stops_both_forms():
    links = CONTEXT["links"] | {"unsubscribe": "https://a.example\r\nBcc: e@e.example"}
    for make in (envelope.message, envelope.bytes):
        with pytest.raises(guard.UnsafeHeader):
            make(MAILS[0], CONTEXT | {"links": links}, **ARGUMENTS)


@pytest.mark.parametrize(
    "name",
    ["a\r\nBcc: eve@evil.example", "a\u2028b", "a\u202eb", "a\x00b", "=?utf-8?q?x?="],
)
def test_a_name_cannot_break_out_of_the_subject(name):
    mail = compiled(subject="Hi {{ buyer.first_name }}")
    for form in both(mail, CONTEXT | {"buyer": {"first_name": name}}):
        assert form["Bcc"] is None
        assert form["Subject"].startswith("Hi ")
        assert not guard.UNSAFE.search(str(form["Subject"]))
        assert "=?" not in str(form["Subject"])


def test_lines_stay_within_rfc_5322_whatever_is_filled_in():
    context = CONTEXT | {"buyer": {"first_name": "x" * 5_000 + "ñ😀" * 500}}
    octets = envelope.bytes(compiled(), context, **ARGUMENTS)
    assert max(len(line) for line in octets.split(b"\r\n")) <= 998
    assert octets.count(b"\n") == octets.count(b"\r\n")
    assert octets.isascii()


def test_an_international_domain_is_written_in_its_ascii_form():
    _slow, fast = both(MAILS[0], to="ana@españa.example")
    assert fast["To"] == "ana@xn--espaa-rta.example"


def test_the_same_mail_has_the_same_bytes():
    later = datetime.now(UTC) + timedelta(days=1)
    once = envelope.bytes(MAILS[0], CONTEXT, **ARGUMENTS)
    envelope.bytes(MAILS[0], CONTEXT, **ARGUMENTS | {"at": later})
    assert envelope.bytes(MAILS[0], CONTEXT, **ARGUMENTS) == once


def attached(mail):
    return [
        (part.get_filename(), part["Content-Type"], part.get_content())
        for part in mail.iter_attachments()
    ]


@settings(max_examples=30, deadline=None)
@given(line=words, octets=st.binary(max_size=2_000))
def test_both_forms_carry_the_same_attachments(line, octets):
    line = " ".join(line.split())
    calendar = f"BEGIN:VCALENDAR\r\nSUMMARY:{line}\r\nEND:VCALENDAR\r\n"
    files = [
        Attachment("cita.ics", "text/calendar; method=REQUEST", calendar.encode()),
        Attachment("año.pdf", "application/pdf", octets),
    ]
    slow, fast = both(MAILS[1], attachments=files)
    assert header_values(slow) == header_values(fast)
    assert attached(slow) == attached(fast)
    found = attached(fast)
    assert [name for name, _kind, _content in found] == ["cita.ics", "año.pdf"]
    assert lines(found[0][2]) == lines(calendar)
    assert found[1][2] == octets
    assert fast.get_body(("html",)) is not None
    assert fast.get_body(("plain",)) is not None


@pytest.mark.parametrize(
    ("name", "kind", "content"),
    [
        ("a\r\nb.ics", "text/calendar", b""),
        ("../a.ics", "text/calendar", b""),
        ("a.ics", "text/calendar\r\nBcc: x@evil.example", b""),
        ("a.ics", "calendar", b""),
        ("a.ics", "text/calendar", b"x" * (LARGEST + 1)),
    ],
)
def test_what_no_mail_should_carry_is_refused(name, kind, content):
    with pytest.raises(ValueError, match=r"attachment|name|MIME|large"):
        Attachment(name, kind, content)
