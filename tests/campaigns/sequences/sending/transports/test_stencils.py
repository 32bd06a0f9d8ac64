"""What a stencil fills is what Anymail would have built, for every provider."""

import json
from uuid import uuid4

import pytest
from anymail.exceptions import AnymailUnsupportedFeature
from django.core.mail import EmailMessage, get_connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import Response

from campaigns.messages import envelope
from campaigns.sequences.sending.transports import keys, marks, stencils
from tests.campaigns.messages.mails import AT, CONTEXT, compiled

from .test_marks import CREDENTIALS

#: They have a form or a number by chance in it, which nobody can foresee.
ALWAYS_BUILT = {"mailgun", "unisender_go"}
MAIL = compiled()
TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
LINE = TEXT.map(lambda text: " ".join(text.split())).filter(bool)
ADDRESS = st.from_regex(r"[A-Za-z0-9._+'-]{1,20}@[A-Za-z0-9.-]{1,20}", fullmatch=True)
URL = st.from_regex(r"https://[a-z]{1,9}\.example/[!-~]{0,60}", fullmatch=True)
COMMON = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


class Both:
    """A provider's backend, and the same one without stencils."""

    def __init__(self, provider):
        self.backend = self.make(provider)
        self.plain = self.make(provider)
        self.built = 0
        build = self.backend.build_message_payload

        def count(message, defaults):
            self.built += 1
            return build(message, defaults)

        self.backend.build_message_payload = count
        stencils.attach(self.backend)

    def make(self, provider):
        path = f"anymail.backends.{provider}.EmailBackend"
        backend = get_connection(path, **CREDENTIALS[provider])
        backend.ignore_unsupported_features = True
        keys.attach(provider, backend)
        marks.attach(provider, backend)
        return backend

    def payloads(self, message):
        return [
            one.build_message_payload(message, one.send_defaults)
            for one in (self.backend, self.plain)
        ]

    def asked(self, message):
        return [
            as_octets(payload.get_request_params(self.plain.api_url))
            for payload in self.payloads(message)
        ]


def as_octets(asked):
    data = asked["data"]
    return asked | {"data": data.encode() if isinstance(data, str) else data}


@pytest.fixture(params=sorted(set(CREDENTIALS) - ALWAYS_BUILT), scope="module")
def both(request):
    return Both(request.param)


def write(to="ana@company.example", **about):
    return envelope.message(MAIL, CONTEXT, uuid=uuid4(), to=to, at=AT, **about)


@given(subject=LINE, body=TEXT, html=TEXT, url=URL)
@COMMON
def test_every_text_is_put_as_anymail_puts_it(both, subject, body, html, url):
    message = write()
    message.subject, message.body = subject, body
    message.alternatives = [(html, "text/html")]
    message.extra_headers["List-Unsubscribe"] = f"<{url}>"
    filled, built = both.asked(message)
    assert filled == built


@given(address=ADDRESS)
@COMMON
def test_every_address_is_put_as_anymail_puts_it(both, address):
    message = write()
    message.to = [address]
    try:
        filled, built = both.asked(message)
    except Exception as error:  # noqa: BLE001 - whatever Anymail says, we say
        with pytest.raises(type(error)):
            both.plain.build_message_payload(message, {})
    else:
        assert filled == built


def test_a_form_is_learnt_once(both):
    for number in range(3):
        both.asked(write(f"ana{number}@company.example"))
    before = both.built
    both.asked(write())
    assert both.built == before


def test_a_payload_is_known_by_its_recipient(both):
    """Anymail tells by it whose status an answer holds."""
    filled, built = both.payloads(write("bea@company.example"))
    for name, value in vars(built).items():
        if isinstance(value, list) and "bea@company.example" in map(str, value):
            assert getattr(filled, name) == value


def answer(text, **headers):
    response = Response()
    response.status_code, response._content = 200, text.encode()
    response.headers.update({"Content-Type": "application/json", **headers})
    return response


ANSWERS = [
    '{"id": "re_1"}',
    '{"messageId": "br_1"}',
    '{"To": "bea@company.example", "MessageID": "pm_1", "ErrorCode": 0, "Message": ""}',
    (
        '{"ErrorCode": 406, "Message": "Found inactive addresses: bea@company.example.'
        ' Inactive recipients are"}'
    ),
    (
        '{"results": {"total_accepted_recipients": 1, "total_rejected_recipients": 0,'
        ' "id": "sp_1"}}'
    ),
    (
        '{"results": {"total_accepted_recipients": 0, "total_rejected_recipients": 1,'
        ' "id": "sp_1"}}'
    ),
    (
        '{"warnings": [{"type": "ALL_SUPPRESSED", "recipients": [{"email":'
        ' "bea@company.example", "reason": ["blocklisted"]}]}]}'
    ),
    '[{"email": "bea@company.example", "status": "rejected", "_id": "md_1"}]',
    '{"emails": [{"id": "sw_1", "mail_rcpt": "bea@company.example", "status": "new"}]}',
    (
        '{"Messages": [{"Status": "success", "To": [{"Email": "bea@company.example",'
        ' "MessageID": 7}]}]}'
    ),
    "{}",
]


@pytest.mark.parametrize("text", ANSWERS)
def test_answers_mean_the_same(both, text):
    message = write("bea@company.example")
    meant = []
    for payload in both.payloads(message):
        response = answer(text, **{"X-Message-Id": "ms_1"})
        try:
            meant.append(both.plain.parse_recipient_status(response, payload, message))
        except Exception as error:  # noqa: BLE001 - each has its own
            meant.append(type(error))
    filled, built = (_told(one) for one in meant)
    assert filled == built


def _told(one):
    if isinstance(one, type):
        return one
    return {to: (status.message_id, status.status) for to, status in one.items()}


ORDINARY = "ana@company.example"


def change(**attributes):
    def make():
        message = write()
        for name, value in attributes.items():
            setattr(message, name, value)
        return message

    return make


@pytest.mark.parametrize(
    "make",
    [
        change(cc=["bea@company.example"]),
        change(bcc=["bea@company.example"]),
        change(to=["ana@company.example", "bea@company.example"]),
        change(to=["Ana <ana@company.example>"]),
        change(to=["ana@cañón.example"]),
        change(to=["ana@XN--CAN-KJAD.example"]),
        change(subject=""),
        change(body=""),
        change(alternatives=[]),
        change(alternatives=[("a", "text/html"), ("b", "text/calendar")]),
        change(attachments=[("a.txt", "a", "text/plain")]),
        change(metadata={"delivery": 'x"y'}),
        change(metadata={"delivery": 7}),
        change(tags=["a"]),
        lambda: EmailMessage("Hello", "Hello", "us@distributor.example", [ORDINARY]),
    ],
)
def test_whatever_is_out_of_the_ordinary_anymail_builds(make):
    both = Both("postmark")
    both.asked(write())
    before = both.built
    filled, built = both.asked(make())
    assert filled == built
    assert both.built == before + 1


@pytest.mark.parametrize("provider", sorted(ALWAYS_BUILT))
def test_what_cannot_be_foreseen_anymail_builds(provider):
    both = Both(provider)
    both.asked(write())
    before = both.built
    both.asked(write())
    assert both.built == before + 1


def test_a_provider_that_changes_values_gets_no_stencil(monkeypatch):
    """The negative control: the trial with awkward values shows it."""
    both = Both("postmark")
    plain = both.plain.build_message_payload

    def shorten(message, defaults):
        payload = plain(message, defaults)
        payload.data["Subject"] = payload.data["Subject"].replace('"', "'")
        return payload

    both.plain.build_message_payload = shorten
    shortened = stencils.Stencils(both.plain)
    for subject in ('A "first"', 'A "second"'):
        message = write()
        message.subject = subject
        payload = shortened.build(message, {})
        asked = payload.get_request_params(both.plain.api_url)
        assert json.loads(asked["data"])["Subject"] == subject.replace('"', "'")


def test_what_a_provider_cannot_do_it_says_of_each_message():
    both = Both("resend")
    both.backend.ignore_unsupported_features = False
    for _message in range(2):
        message = write()
        message.envelope_sender = "bounces@distributor.example"
        with pytest.raises(AnymailUnsupportedFeature):
            both.backend.build_message_payload(message, {})


def test_as_many_forms_are_kept_as_a_shop_has(monkeypatch):
    monkeypatch.setattr(stencils, "_MOST", 2)
    both = Both("postmark")
    for number in range(5):
        message = write()
        message.from_email = f"shop{number}@distributor.example"
        filled, built = both.asked(message)
        assert filled == built
