import select
import socket
from dataclasses import dataclass, field
from types import SimpleNamespace
from uuid import uuid4

import pytest

from campaigns.sequences.sending.transports import (
    CredentialsRefused,
    Letter,
    Unreachable,
    make,
    smtp_session,
)
from campaigns.sequences.sending.transports.smtp import SmtpTransport
from campaigns.sequences.sending.transports.smtp_session import Dropped, Session, stuff
from tests.support.smtp_sink import HANG_UP, TAKE_AND_HANG_UP, Reply


@dataclass
class OpenGate:
    """Lets everything through that is not named, and remembers what it heard."""

    unwanted: set = field(default_factory=set)
    held_back: set = field(default_factory=set)
    begun: list = field(default_factory=list)
    results: dict = field(default_factory=dict)

    def wants(self, letter):
        return letter.delivery_id not in self.unwanted

    def begin(self, letter):
        if letter.delivery_id in self.held_back:
            return False
        self.begun.append(letter.delivery_id)
        return True

    def end(self, letter, result):
        self.results[letter.delivery_id] = result

    @property
    def verdicts(self):
        return {pk: str(result.verdict) for pk, result in self.results.items()}


def write(number, raw=b"Subject: Hello\r\n\r\nHello.\r\n", to=None):
    uuid = uuid4()
    return Letter(
        delivery_id=number,
        uuid=uuid,
        sender="hello@distributor.example",
        recipient=to or f"ana{number}@company.example",
        make_message=lambda: None,
        make_bytes=lambda: f"X-Delivery: {uuid}\r\n".encode() + raw,
    )


@pytest.fixture
def transport(smtp):
    transport = make()
    assert isinstance(transport, SmtpTransport)
    transport.open()
    yield transport
    transport.close()


@pytest.fixture(params=["pipelined", "one by one"])
def both_ways(request, smtp):
    """Whether or not the server takes several commands at a time."""
    if request.param != "pipelined":
        smtp.extensions = ("8BITMIME",)
    return smtp


def send(transport, *letters, gate=None):
    gate = gate or OpenGate()
    transport.send(letters, gate)
    return gate


def on(stage, text, *, to=None):
    """Answer so at this stage, to everybody or to one."""

    def trick(at, address):
        hit = at == stage and (to is None or address.startswith(to))
        return Reply(text) if hit else None

    return trick


def do(stage, reply, *, times=1, to=None):
    left = [times]

    def trick(at, address):
        if at != stage or not left[0] or (to and not address.startswith(to)):
            return None
        left[0] -= 1
        return reply

    return trick


def test_one_connection_takes_all_letters(both_ways, transport):
    gate = send(transport, *[write(n) for n in range(5)])
    assert gate.verdicts == dict.fromkeys(range(5), "accepted")
    assert [mail.recipient for mail in both_ways.mails] == [
        f"ana{n}@company.example" for n in range(5)
    ]
    send(transport, write(5))
    assert both_ways.connections == 1


def test_a_pipelined_letter_takes_the_next_ones_envelope_along(smtp, transport):
    send(transport, *[write(n) for n in range(3)])
    assert smtp.dialogue.count("RSET") == 0
    assert smtp.dialogue.count("DATA") == 3


def test_what_the_message_says_arrives_unchanged(both_ways, transport):
    lines = b"Subject: x\r\n\r\n.\r\n..two\r\nthe end"
    send(transport, write(1, lines))
    assert both_ways.mails[0].raw.endswith(lines + b"\r\n")


@pytest.mark.parametrize(
    ("message", "on_the_wire"),
    [
        (b"a\r\n", b"a\r\n.\r\n"),
        (b"a", b"a\r\n.\r\n"),
        (b".\r\n", b"..\r\n.\r\n"),
        (b"a\r\n.b\r\n", b"a\r\n..b\r\n.\r\n"),
        (b"a\n.\nMAIL FROM:<x>\r\n", b"a\r\n..\r\nMAIL FROM:<x>\r\n.\r\n"),
        (b"a\r.\rb", b"a\r\n..\r\nb\r\n.\r\n"),
        (b"", b"\r\n.\r\n"),
    ],
)
def test_no_line_of_a_message_is_taken_for_its_end(message, on_the_wire):
    assert stuff(message) == on_the_wire


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "END"])
@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("550 no", "refused"),
        ("552 mailbox full", "refused"),
        ("450 greylisted", "later"),
        ("451 not now", "later"),
    ],
)
def test_an_answer_is_for_its_letter_alone(
    both_ways, transport, stage, answer, verdict
):
    both_ways.tricks.append(do(stage, Reply(answer)))
    gate = send(transport, write(1), write(2), write(3))
    assert gate.verdicts == {1: verdict, 2: "accepted", 3: "accepted"}
    assert gate.results[1].code == answer[:3]
    assert len(both_ways.mails) == 2
    assert both_ways.connections == 1


def test_a_refusal_in_the_middle_leaves_its_neighbours(both_ways, transport):
    both_ways.tricks.append(on("RCPT", "550 no such user", to="ana2"))
    gate = send(transport, *[write(n) for n in range(5)])
    assert gate.verdicts[2] == "refused"
    assert sum(verdict == "accepted" for verdict in gate.verdicts.values()) == 4
    assert gate.begun == [0, 1, 3, 4]


def test_a_server_that_asks_for_a_message_to_nobody_gets_an_empty_one(smtp, transport):
    smtp.tricks += [
        on("RCPT", "550 no", to="ana1"),
        do("DATA", Reply("354 go on"), to="ana1"),
        on("END", "554 nobody to give it to", to="ana1"),
    ]
    gate = send(transport, write(1), write(2))
    assert gate.verdicts == {1: "refused", 2: "accepted"}
    assert gate.begun == [2]


def test_a_closing_server_is_called_again(both_ways, transport):
    both_ways.tricks.append(do("MAIL", Reply("421 too many"), to="hello"))
    gate = send(transport, write(1), write(2))
    # Perhaps it was about this letter: it waits, the next one gets its chance.
    assert gate.verdicts == {1: "later", 2: "accepted"}
    assert both_ways.connections == 2


def test_after_some_messages_the_next_connection_takes_the_rest(both_ways, transport):
    taken = iter(range(100))

    def close_after_two(stage, _address):
        if stage == "MAIL" and next(taken) in {2, 5}:
            return Reply("421 enough")
        return None

    both_ways.tricks.append(close_after_two)
    gate = send(transport, *[write(n) for n in range(6)])
    assert gate.verdicts == dict.fromkeys(range(6), "accepted")
    assert sorted(both_ways.recipients().values()) == [1] * 6
    assert both_ways.connections == 3


@pytest.mark.parametrize(("reply", "taken"), [(HANG_UP, 0), (TAKE_AND_HANG_UP, 1)])
def test_a_line_cut_after_the_message_leaves_its_fate_open(
    both_ways, transport, reply, taken
):
    both_ways.tricks.append(do("END", reply))
    gate = send(transport, write(1), write(2), write(3))
    assert gate.verdicts == {1: "ambiguous", 2: "accepted", 3: "accepted"}
    assert len(both_ways.mails) == 2 + taken
    assert both_ways.connections == 2


def test_a_line_cut_before_the_message_costs_nothing(both_ways, transport):
    both_ways.tricks.append(do("RCPT", HANG_UP, to="ana2"))
    gate = send(transport, write(1), write(2), write(3))
    assert gate.verdicts == dict.fromkeys((1, 2, 3), "accepted")
    assert sorted(both_ways.recipients().values()) == [1, 1, 1]


def test_three_open_fates_in_a_row_are_enough(both_ways, transport):
    both_ways.tricks.append(do("END", TAKE_AND_HANG_UP, times=99))
    gate = OpenGate()
    with pytest.raises(Unreachable):
        transport.send([write(n) for n in range(20)], gate)
    assert gate.verdicts == dict.fromkeys(range(3), "ambiguous")


def test_a_server_that_hangs_up_on_everybody_is_left_alone(both_ways, transport):
    both_ways.tricks.append(do("MAIL", HANG_UP, times=99))
    gate = OpenGate()
    with pytest.raises(Unreachable):
        transport.send([write(n) for n in range(20)], gate)
    assert set(gate.verdicts.values()) == {"later"}
    assert len(gate.verdicts) == 3


def test_a_nonsense_answer_leaves_the_fate_open(both_ways, transport):
    both_ways.tricks.append(do("END", Reply("who are you?", take=True)))
    gate = send(transport, write(1), write(2))
    assert gate.verdicts == {1: "ambiguous", 2: "accepted"}


def test_a_silent_server_leaves_the_fate_open(settings, smtp):
    settings.EMAIL_TIMEOUT = 1
    smtp.extensions = ()
    transport = make()
    transport.open()
    smtp.tricks.append(do("END", Reply("250-still thinking")))
    gate = send(transport, write(1), write(2))
    assert gate.verdicts == {1: "ambiguous", 2: "accepted"}
    transport.close()


def test_a_message_that_did_not_leave_completely_was_not_sent(smtp, transport):
    session = transport._lines[0].session
    real = session._socket

    class Cut:
        """Takes a part, and then no more."""

        def __init__(self):
            self.gave_way = False

        def send(self, data):
            if len(data) > 1000 and not self.gave_way:
                self.gave_way = True
                return real.send(data[:500])
            if self.gave_way:
                raise ConnectionResetError
            return real.send(data)

        def __getattr__(self, name):
            return getattr(real, name)

    session._socket = Cut()
    gate = send(transport, write(1, b"Subject: x\r\n\r\n" + b"x" * 5000), write(2))
    assert gate.verdicts == {1: "later", 2: "accepted"}
    assert [mail.recipient for mail in smtp.mails] == ["ana2@company.example"]


def test_what_the_gate_holds_back_never_reaches_the_server(both_ways, transport):
    gate = OpenGate(held_back={2})
    transport.send([write(n) for n in range(1, 5)], gate)
    assert set(both_ways.recipients()) == {f"ana{n}@company.example" for n in (1, 3, 4)}
    assert 2 not in gate.results


def test_what_the_gate_does_not_want_is_not_even_announced(both_ways, transport):
    gate = OpenGate(unwanted={2, 4})
    transport.send([write(n) for n in range(1, 5)], gate)
    assert set(both_ways.recipients()) == {f"ana{n}@company.example" for n in (1, 3)}
    assert not any("ana2" in line for line in both_ways.dialogue)
    assert both_ways.connections == 1


def test_credentials_asked_for_in_the_dialogue_stop_everything(both_ways, transport):
    both_ways.tricks.append(on("MAIL", "530 authentication required"))
    gate = OpenGate()
    with pytest.raises(CredentialsRefused):
        transport.send([write(1), write(2)], gate)
    assert gate.results == {}


def test_refused_log_in_is_told_apart(smtp, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "me", "secret"
    smtp.extensions = ("PIPELINING", "AUTH PLAIN")
    smtp.tricks.append(on("AUTH", "535 wrong"))
    with pytest.raises(CredentialsRefused):
        make().open()


def test_no_connection_is_left_to_a_server_that_does_not_know_us(smtp, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "me", "secret"
    smtp.extensions = ("PIPELINING", "AUTH PLAIN")
    smtp.tricks.append(on("AUTH", "535 wrong"))
    transport = make()
    with pytest.raises(CredentialsRefused):
        transport.open()
    assert smtp.dialogue[-1].upper() == "QUIT"


def test_nobody_listening_is_unreachable(smtp, settings):
    settings.EMAIL_PORT = 1
    with pytest.raises(Unreachable):
        make().open()


def test_a_stripped_starttls_is_never_clear_text(smtp, settings):
    settings.EMAIL_USE_TLS = True
    with pytest.raises(Unreachable):
        make().open()
    assert smtp.mails == []
    assert not any("MAIL" in line for line in smtp.dialogue)


def test_an_address_that_smtp_cannot_say_is_refused_here(both_ways, transport):
    crooked = write(1, to="ana@company.example>\r\nRCPT TO:<eve@evil.example")
    gate = send(transport, crooked, write(2))
    assert gate.verdicts == {1: "refused", 2: "accepted"}
    assert set(both_ways.recipients()) == {"ana2@company.example"}


def test_a_rested_connection_is_asked_before_it_is_used(smtp, transport, monkeypatch):
    send(transport, write(1))
    monkeypatch.setattr(
        "campaigns.sequences.sending.transports.smtp_session._RESTED_SECONDS", -1
    )
    transport.open()
    assert smtp.connections == 1
    smtp.tricks.append(do("RSET", HANG_UP))
    transport.open()
    assert smtp.connections == 2
    send(transport, write(2))
    assert len(smtp.mails) == 2


def test_a_fault_of_ours_in_the_middle_hangs_up(smtp, transport):
    class Broken(OpenGate):
        def begin(self, letter):
            raise MemoryError

    with pytest.raises(MemoryError):
        transport.send([write(1)], Broken())
    assert smtp.mails == []
    send(transport, write(2))
    assert [mail.recipient for mail in smtp.mails] == ["ana2@company.example"]


def test_a_fault_of_ours_before_the_first_byte_leaves_no_fate_open(smtp, transport):
    class Broken(OpenGate):
        def wants(self, letter):
            if letter.delivery_id == 2:
                raise ConnectionError("the database")
            return True

    gate = Broken()
    with pytest.raises(ConnectionError):
        transport.send([write(1), write(2)], gate)
    assert gate.begun == list(gate.results)
    assert smtp.mails == []


def test_a_reply_that_drips_has_no_end(monkeypatch):
    watch = Watch()
    monkeypatch.setattr(smtp_session, "time", watch)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _address = listener.accept()
    connection = SimpleNamespace(sock=near, has_extn=lambda name: False)
    with far, near, pytest.raises(Dropped, match="drips"):
        drip(far, Session(connection).read(), watch)
    assert watch.now == 75


def drip(far, reply, watch):
    for near, _event in reply:
        watch.now += 25
        far.sendall(b"2")
        select.select([near], [], [], 10)


class Watch:
    now = 0.0

    def monotonic(self):
        return self.now


def test_a_message_of_eight_bits_is_announced(smtp, transport):
    send(transport, write(1, "Subject: x\r\n\r\nñ\r\n".encode()))
    assert any("BODY=8BITMIME" in line for line in smtp.dialogue)
