"""Providers' APIs through Anymail's own backends, against servers of their shape."""

import threading
import time
from dataclasses import replace
from functools import cache, partial
from uuid import uuid4

import pytest
from boto3.session import Session
from django.core.exceptions import ImproperlyConfigured

from campaigns.messages import envelope
from campaigns.messages.attachments import Attachment
from campaigns.sequences.sending.transports import (
    CredentialsRefused,
    Letter,
    ProviderTransport,
    Unreachable,
    amazon,
    make,
)
from campaigns.sequences.sending.transports import (
    provider as module,
)
from onboarding import mail
from onboarding.env import Reader
from tests.campaigns.messages.mails import AT, CONTEXT, compiled
from tests.support.providers import SHAPES, Provider, Reply, running

from .test_smtp import OpenGate

WITH_KEYS = [name for name, shape in SHAPES.items() if shape.keeps_keys]
WITHOUT_KEYS = [name for name in SHAPES if name not in WITH_KEYS]
MAIL = compiled()


@pytest.fixture(autouse=True)
def one_session_with_amazon(monkeypatch):
    """Its library reads megabytes of descriptions for each."""
    monkeypatch.setattr("boto3.session.Session", _one_session)


@cache
def _one_session(**params):
    return Session(**params)


@pytest.fixture(params=list(SHAPES))
def provider(request, settings):
    with running(Provider(request.param)) as provider:
        use(provider, settings)
        yield provider


@pytest.fixture
def resend(settings):
    with running(Provider("resend")) as provider:
        use(provider, settings)
        yield provider


@pytest.fixture
def postmark(settings):
    with running(Provider("postmark")) as provider:
        use(provider, settings)
        yield provider


def use(provider, settings, **more):
    environment = {**provider.settings(), **more}
    for name, value in mail.read_settings(Reader(environment)).items():
        setattr(settings, name, value)


@pytest.fixture
def transport(monkeypatch):
    monkeypatch.setattr(module, "ASK_AGAIN_AFTER", (0.0, 0.0))
    made = []

    def begin():
        made.append(make())
        assert isinstance(made[-1], ProviderTransport)
        return made[-1]

    yield begin
    for one in made:
        one.close()


def write(number, **more):
    uuid, to = uuid4(), f"ana{number}@company.example"
    about = {"uuid": uuid, "to": to, "at": AT, **more}
    return Letter(
        delivery_id=number,
        uuid=uuid,
        sender="pedidos@norte.example",
        recipient=to,
        make_message=partial(envelope.message, MAIL, CONTEXT, **about),
        make_bytes=lambda: b"",
    )


def send(transport, *letters, gate=None):
    """What the gate heard, and what ended it early."""
    gate = gate or OpenGate()
    try:
        transport.send(letters, gate)
    except (Unreachable, CredentialsRefused) as error:
        return gate, error
    return gate, None


def reply(*replies):
    """Answer so, in turn; as usual afterwards."""
    left = list(replies)
    return lambda message: replace(left.pop(0)) if left else None


def test_each_person_gets_a_call_with_our_own_id(provider, transport):
    letters = [write(n) for n in range(12)]
    gate, trouble = send(transport(), *letters)
    assert trouble is None
    assert gate.verdicts == dict.fromkeys(range(12), "accepted")
    assert {one.delivery: one.recipient for one in provider.taken} == {
        str(letter.uuid): letter.recipient for letter in letters
    }
    assert set(provider.deliveries().values()) == {1}
    assert all(result.provider_id for result in gate.results.values())


def test_connections_are_kept_and_several_calls_are_under_way(provider, transport):
    provider.tricks.append(lambda message: time.sleep(0.02))
    one = transport()
    for round_ in range(3):
        send(one, *[write(round_ * 20 + n) for n in range(20)])
    assert 2 <= provider.most_at_a_time <= mail.IN_FLIGHT
    assert provider.connections <= mail.IN_FLIGHT
    assert provider.asked == 60


def test_an_attachment_goes_along(provider, transport):
    ics = "BEGIN:VCALENDAR\r\nSUMMARY:Formación 😀\r\nEND:VCALENDAR\r\n"
    calendar = Attachment("cita.ics", "text/calendar; method=REQUEST", ics.encode())
    gate, _trouble = send(transport(), write(1, attachments=[calendar]))
    assert gate.verdicts == {1: "accepted"}
    assert b"cita.ics" in provider.taken[0].request.body or (
        provider.name == "amazon_ses"
    )


@pytest.mark.parametrize("name", WITH_KEYS)
def test_the_deliverys_own_id_is_its_key(name, settings, transport):
    with running(Provider(name)) as provider:
        use(provider, settings)
        letter = write(1)
        send(transport(), letter)
        send(transport(), letter)
    assert [one.key for one in provider.taken] == [str(letter.uuid)]
    assert provider.asked == 2


RESET_AFTER = Reply(take=True, manner="reset")
LOST = [
    RESET_AFTER,
    Reply(take=True, manner="hang up"),
    Reply(500, "oops", take=True),
    Reply(502, "<html>", take=True),
    Reply(503, "", take=True),
    Reply(504, "", take=True),
]


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("name", WITH_KEYS)
def test_with_a_key_a_lost_answer_is_asked_for_again(name, lost, settings, transport):
    with running(Provider(name, tricks=[reply(lost)])) as provider:
        use(provider, settings)
        gate, _trouble = send(transport(), write(1))
    assert gate.verdicts == {1: "accepted"}
    assert (provider.asked, len(provider.taken)) == (2, 1)


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("name", WITHOUT_KEYS)
def test_without_a_key_a_lost_answer_leaves_an_unknown_and_no_second(
    name, lost, settings, transport
):
    with running(Provider(name, tricks=[reply(lost)])) as provider:
        use(provider, settings)
        gate, _trouble = send(transport(), write(1))
    assert gate.verdicts == {1: "ambiguous"}
    assert (provider.asked, len(provider.taken)) == (1, 1)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("manner", ["reset", "hang up"])
def test_a_connection_lost_before_it_was_taken_is_as_unclear(
    name, manner, settings, transport
):
    """From here nobody can tell it from one that was lost afterwards."""
    lost = Reply(take=False, manner=manner)
    with running(Provider(name, tricks=[reply(lost)])) as provider:
        use(provider, settings)
        gate, _trouble = send(transport(), write(1))
    with_key = name in WITH_KEYS
    assert gate.verdicts == {1: "accepted" if with_key else "ambiguous"}
    assert (provider.asked, len(provider.taken)) == ((2, 1) if with_key else (1, 0))


def test_only_a_yes_settles_what_was_lost(resend, transport):
    resend.tricks.append(reply(RESET_AFTER, Reply(422, "{}"), Reply(429, "{}")))
    gate, _trouble = send(transport(), write(1))
    assert gate.verdicts == {1: "ambiguous"}


def test_brevo_knows_a_message_it_has_taken(settings, transport):
    again = Reply(400, '{"code": "duplicate_parameter", "message": "Key is used"}')
    with running(Provider("brevo", tricks=[reply(RESET_AFTER, again)])) as provider:
        use(provider, settings)
        gate, _trouble = send(transport(), write(1))
    assert gate.verdicts == {1: "accepted"}


def test_amazons_library_would_send_it_again_by_itself(
    settings, transport, monkeypatch
):
    """The negative control: without our rule a lost answer is a second message."""
    monkeypatch.setattr(amazon, "forbid_repeating", lambda backend, most: None)
    with running(Provider("amazon_ses", tricks=[reply(RESET_AFTER)])) as provider:
        use(provider, settings)
        send(transport(), write(1))
    assert len(provider.taken) == 2


@pytest.mark.parametrize("body", ["<html>Welcome</html>", "", "[]", '{"id"'])
def test_a_yes_whose_words_cannot_be_read_is_a_yes(body, provider, transport):
    status = provider.shape.status
    provider.tricks.append(reply(Reply(status, body, take=True)))
    one = transport()
    gate, _trouble = send(one, write(1))
    send(one, write(2), gate=gate)
    assert gate.verdicts == {1: "accepted", 2: "accepted"}


def test_whoever_does_not_know_us_stops_everything(provider, transport):
    provider.tricks.append(lambda message: provider.stranger())
    gate, trouble = send(transport(), *[write(n) for n in range(30)])
    assert isinstance(trouble, CredentialsRefused)
    assert set(gate.verdicts.values()) == {"withheld"}
    # What was under way with the first, and nothing after it.
    assert provider.asked <= module._FIRST_CALLS
    assert provider.taken == []


def test_too_many_is_obeyed_for_as_long_as_it_says(resend, transport):
    heard = threading.Event()

    class Gate(OpenGate):
        def end(self, letter, result):
            super().end(letter, result)
            heard.set()

    # Whoever else is under way is answered once we have heard it.
    resend.tricks.append(reply(Reply(429, "{}", {"Retry-After": "30"})))
    resend.tricks.append(lambda message: heard.wait(30) and None)
    one = transport()
    gate, trouble = send(one, *[write(n) for n in range(30)], gate=Gate())
    assert isinstance(trouble, Unreachable)
    later = [pk for pk, verdict in gate.verdicts.items() if verdict == "later"]
    assert len(later) == 1
    assert gate.results[later[0]].retry_after.total_seconds() == 30
    assert resend.asked <= module._FIRST_CALLS
    with pytest.raises(Unreachable, match=r"30 s|29 s"):
        one.open()


def test_amazon_asks_to_wait_in_its_own_words(settings, transport):
    slow = Reply(
        400, '{"message": "Rate"}', {"x-amzn-errortype": "LimitExceededException"}
    )
    with running(Provider("amazon_ses", tricks=[reply(slow)])) as provider:
        use(provider, settings)
        gate, trouble = send(transport(), write(1))
    assert gate.verdicts == {1: "later"}
    assert "asked to wait" in str(trouble)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("postmark", Reply(422, '{"ErrorCode": 400, "Message": "No signature"}')),
        (
            "amazon_ses",
            Reply(400, "{}", {"x-amzn-errortype": "SendingPausedException"}),
        ),
        ("resend", Reply(403, '{"message": "The domain is not verified"}')),
        ("brevo", Reply(402, '{"code": "not_enough_credits"}')),
    ],
)
def test_a_sender_that_may_not_send_stops_everything(name, said, settings, transport):
    with running(Provider(name, tricks=[lambda message: replace(said)])) as provider:
        use(provider, settings)
        gate, trouble = send(transport(), *[write(n) for n in range(12)])
    assert isinstance(trouble, CredentialsRefused)
    assert set(gate.verdicts.values()) == {"withheld"}


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_no_is_one_persons_own(status, provider, transport):
    provider.tricks.append(reply(Reply(status, '{"message": "no such address"}')))
    gate, trouble = send(transport(), write(1), write(2))
    assert sorted(gate.verdicts.values()) == ["accepted", "refused"]
    assert trouble is None


def test_an_answer_without_an_end_is_hung_up_on(provider, transport, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_CALL", 0.2)
    monkeypatch.setattr(module, "_LAST_WAIT", 0.2)
    status = provider.shape.status
    provider.tricks.append(reply(Reply(status, "{", take=True, manner="drip")))
    before = threading.active_count()
    gate, _trouble = send(transport(), write(1))
    # Its status had come.
    assert gate.verdicts[1] == "accepted"
    assert threading.active_count() <= before + 2


def test_no_answer_at_all_is_hung_up_on(postmark, transport, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_CALL", 1.0)
    postmark.tricks.append(reply(Reply(take=True, manner="hang")))
    gate, trouble = send(transport(), write(1), write(2))
    assert sorted(gate.verdicts.values()) == ["accepted", "ambiguous"]
    assert trouble is None


def test_an_outage_costs_few_unclear_answers(postmark, transport):
    postmark.tricks.append(lambda message: Reply(503, take=True))
    gate, trouble = send(transport(), *[write(n) for n in range(40)])
    assert isinstance(trouble, Unreachable)
    assert len(gate.verdicts) <= module._FIRST_CALLS + module.MOST_AMBIGUOUS


def test_nobody_there_is_certain(provider, transport, settings):
    one = transport()
    send(one, write(1))
    one.close()
    provider.port = 1
    use(provider, settings)
    gate, trouble = send(transport(), write(2), write(3))
    assert isinstance(trouble, Unreachable)
    assert set(gate.verdicts.values()) == {"withheld"}


def test_a_name_that_nobody_has_is_certain(resend, transport, settings):
    use(resend, settings, RESEND_API_URL="https://api.invalid/")
    gate, trouble = send(transport(), write(1))
    assert isinstance(trouble, Unreachable)
    assert gate.verdicts == {1: "withheld"}


def test_a_failed_handshake_is_certain(resend, transport, settings, sink):
    # It answers, though not in TLS.
    use(resend, settings, RESEND_API_URL=f"https://127.0.0.1:{sink.port}/")
    gate, trouble = send(transport(), write(1))
    assert isinstance(trouble, Unreachable)
    assert gate.verdicts == {1: "withheld"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_no_acceptance(status, resend, transport):
    elsewhere = {"Location": f"{resend.url}/login"}
    resend.tricks.append(reply(Reply(status, "", elsewhere)))
    gate, _trouble = send(transport(), write(1))
    assert gate.verdicts == {1: "later"}
    assert resend.asked == 1


def test_a_letter_that_is_not_wanted_any_more_is_not_sent(resend, transport):
    gate = OpenGate(unwanted={1}, held_back={2})
    send(transport(), *[write(n) for n in range(4)], gate=gate)
    assert gate.verdicts == {0: "accepted", 3: "accepted"}
    assert resend.asked == 2


def test_what_is_under_way_is_told_although_the_gate_breaks(resend, transport):
    class Breaks(OpenGate):
        def wants(self, letter):
            if letter.delivery_id == 3:
                raise ConnectionError("the database")
            return True

    gate = Breaks()
    with pytest.raises(ConnectionError):
        transport().send([write(n) for n in range(6)], gate)
    assert gate.verdicts == dict.fromkeys(range(3), "accepted")


def test_a_message_that_cannot_be_put_into_words_is_its_own_fault(resend, transport):
    broken = write(1)
    broken.make_message = object
    gate, trouble = send(transport(), broken, write(2))
    assert gate.verdicts == {1: "refused", 2: "accepted"}
    assert trouble is None


def test_settings_that_cannot_work_stop_everything(resend, transport, settings):
    settings.ANYMAIL = {}
    with pytest.raises(CredentialsRefused):
        transport().open()


def test_calls_to_a_provider_are_never_in_the_clear(resend, settings):
    with pytest.raises(ImproperlyConfigured, match="https"):
        use(resend, settings, RESEND_API_URL="http://api.example/")
