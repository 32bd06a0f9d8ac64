"""One process, several lines to the server: each letter on one of them, once."""

import socket
import threading
import time
from contextlib import closing

import pytest

from campaigns.sequences.sending.transports import (
    CredentialsRefused,
    Unreachable,
    make,
    talks,
)
from campaigns.sequences.sending.transports.places import Places
from campaigns.sequences.sending.transports.smtp_line import Line
from campaigns.sequences.sending.transports.smtp_session import Dropped
from tests.support.smtp_sink import HANG_UP, TAKE_AND_HANG_UP, Reply

from .test_smtp import OpenGate, do, on, send, write

LINES = 4


@pytest.fixture
def transport(smtp):
    transport = make()
    transport._lines += [Line() for _ in range(LINES - 1)]
    transport.open()
    yield transport
    transport.close()


@pytest.fixture(params=["pipelined", "one by one"])
def both_ways(request, smtp):
    if request.param != "pipelined":
        smtp.extensions = ("8BITMIME",)
    return smtp


def wait_for_all(parties):
    """The first message of each line is answered when all of them are there."""
    barrier = threading.Barrier(parties, timeout=20)
    left = threading.Semaphore(parties)

    def trick(stage, _address):
        if stage == "END" and left.acquire(blocking=False):
            barrier.wait()

    return trick


def slow(stage, _address):
    if stage == "END":
        time.sleep(0.02)


def test_all_lines_are_busy_at_a_time(both_ways, transport):
    both_ways.tricks.append(wait_for_all(LINES))
    gate = send(transport, *[write(n) for n in range(30)])
    assert gate.verdicts == dict.fromkeys(range(30), "accepted")
    assert set(both_ways.recipients().values()) == {1}
    assert both_ways.connections == LINES


def test_a_lost_line_costs_the_others_nothing(both_ways, transport):
    both_ways.tricks.append(do("END", TAKE_AND_HANG_UP, to="ana7@"))
    gate = send(transport, *[write(n) for n in range(30)])
    assert gate.verdicts == dict.fromkeys(range(30), "accepted") | {7: "ambiguous"}
    assert set(both_ways.recipients().values()) == {1}


def test_of_an_outage_each_line_leaves_one_open_fate(both_ways, transport):
    both_ways.tricks += [
        wait_for_all(LINES),
        do("END", TAKE_AND_HANG_UP, times=99),
    ]
    gate = OpenGate()
    with pytest.raises(Unreachable):
        transport.send([write(n) for n in range(30)], gate)
    assert set(gate.verdicts.values()) == {"ambiguous"}
    assert len(gate.verdicts) == LINES
    assert set(both_ways.recipients().values()) == {1}


def test_a_silent_line_is_given_up_alone(settings, smtp):
    settings.EMAIL_TIMEOUT = 1
    smtp.extensions = ()
    transport = make()
    transport._lines += [Line(), Line()]
    transport.open()
    smtp.tricks.append(do("END", Reply("250-still thinking"), to="ana1@"))
    gate = send(transport, *[write(n) for n in range(9)])
    assert gate.verdicts == dict.fromkeys(range(9), "accepted") | {1: "ambiguous"}
    transport.close()


@pytest.mark.parametrize("answer", [Reply("421 too many of you"), HANG_UP])
def test_a_server_that_wants_one_line_gets_all_letters_on_it(
    both_ways, transport, answer
):
    both_ways.tricks += [do("CONNECT", answer, times=99), slow]
    gate = send(transport, *[write(n) for n in range(9)])
    assert gate.verdicts == dict.fromkeys(range(9), "accepted")
    # And it is not asked again with every chunk.
    connections = both_ways.connections
    send(transport, *[write(n) for n in range(9, 18)])
    assert both_ways.connections == connections


def test_one_line_that_lives_is_enough(both_ways, transport):
    send(transport, *[write(n) for n in range(9)])
    transport._lines[0].hang_up()
    both_ways.tricks.append(do("CONNECT", HANG_UP, times=99))
    transport.open()
    gate = send(transport, *[write(n) for n in range(9, 18)])
    assert gate.verdicts == dict.fromkeys(range(9, 18), "accepted")
    assert len(transport._lines) == LINES - 1


def test_after_a_while_it_is_asked_for_more_again(
    smtp, transport, measured, monkeypatch
):
    smtp.tricks += [do("CONNECT", HANG_UP), slow]
    send(transport, *[write(n) for n in range(9)])
    monkeypatch.setattr(transport, "_refused_until", 0.0)
    for first in (9, 18):
        gate = send(transport, *[write(n) for n in range(first, first + 9)])
        assert set(gate.verdicts.values()) == {"accepted"}
    assert len(transport._lines) == LINES


class Hasty(OpenGate):
    """Has no more time after a call."""

    is_closed = False

    def close(self, stage, _address):
        self.is_closed = self.is_closed or stage == "CONNECT"

    def wants(self, letter):
        return not self.is_closed and super().wants(letter)

    def begin(self, letter):
        return self.wants(letter) and super().begin(letter)


def test_a_server_slow_to_greet_costs_each_line_one_call(both_ways, transport):
    """Otherwise all who waited for their turn meanwhile would have to hang up."""
    gate = Hasty()
    both_ways.tricks.append(gate.close)
    for _chunk in range(LINES):
        gate.is_closed = False
        send(transport, *[write(n) for n in range(9)], gate=gate)
    assert gate.verdicts == dict.fromkeys(range(9), "accepted")
    assert both_ways.connections == LINES


def test_a_lost_line_is_not_called_while_others_wait(both_ways, transport):
    send(transport, *[write(n) for n in range(30)])
    gate = Hasty()
    both_ways.tricks += [
        wait_for_all(LINES),
        do("RCPT", Reply("421 enough"), to="ana41@"),
        gate.close,
    ]
    send(transport, *[write(n) for n in range(30, 90)], gate=gate)
    # Its own letter, too, unless they were through by then.
    others = dict.fromkeys(range(30, 90), "accepted")
    assert gate.verdicts | {41: "accepted"} == others


def test_without_its_first_line_there_is_no_sending(both_ways, transport):
    transport.close()
    both_ways.tricks.append(do("CONNECT", HANG_UP, times=99))
    with pytest.raises(Unreachable):
        transport.open()


def test_refused_credentials_on_one_line_stop_all(both_ways, transport):
    both_ways.tricks.append(on("MAIL", "530 who are you?"))
    gate = OpenGate()
    with pytest.raises(CredentialsRefused):
        transport.send([write(n) for n in range(30)], gate)
    assert gate.results == {}
    assert both_ways.mails == []


def test_whoever_has_begun_hears_his_answer_although_another_is_in_trouble(
    smtp, transport
):
    held = threading.Event()

    def trick(stage, address):
        if stage == "END" and address.startswith("ana0@"):
            held.wait(20)
        if stage == "MAIL" and not held.is_set() and len(smtp.dialogue) > 12:
            held.set()
            return Reply("535 not any more")
        return None

    smtp.tricks.append(trick)
    gate = OpenGate()
    with pytest.raises(CredentialsRefused):
        transport.send([write(n) for n in range(30)], gate)
    assert set(gate.verdicts.values()) == {"accepted"}
    assert gate.verdicts.keys() == set(gate.begun)


class Broken(OpenGate):
    """Cannot begin the sixth: the database is gone, say."""

    def begin(self, letter):
        if letter.delivery_id == 5:
            raise MemoryError
        return super().begin(letter)


def test_a_fault_of_ours_ends_all_lines_and_leaves_no_fate_open(both_ways, transport):
    both_ways.tricks.append(slow)
    gate = Broken()
    with pytest.raises(MemoryError):
        transport.send([write(n) for n in range(30)], gate)
    assert gate.verdicts == dict.fromkeys(gate.begun, "accepted")
    assert len(gate.begun) < 29
    assert both_ways.recipients().keys() == {
        f"ana{n}@company.example" for n in gate.begun
    }
    again = send(transport, *[write(n) for n in range(30, 40)])
    assert again.verdicts == dict.fromkeys(range(30, 40), "accepted")


def test_to_be_stopped_for_good_hangs_up_on_all_who_talk(smtp, transport):
    class Stopped(OpenGate):
        def begin(self, letter):
            if letter.delivery_id == 5:
                raise SystemExit
            return super().begin(letter)

    with pytest.raises(SystemExit):
        transport.send([write(n) for n in range(30)], Stopped())
    # Those who are left are in the middle of nothing.
    again = send(transport, *[write(n) for n in range(30, 60)])
    assert again.verdicts == dict.fromkeys(range(30, 60), "accepted")
    assert "ana5@company.example" not in smtp.recipients()
    assert set(smtp.recipients().values()) == {1}


def test_what_the_gate_holds_back_goes_out_on_no_line(both_ways, transport):
    gate = OpenGate(held_back={2, 8}, unwanted={3, 9})
    send(transport, *[write(n) for n in range(12)], gate=gate)
    went = {n for n in range(12) if n not in {2, 3, 8, 9}}
    assert set(gate.verdicts) == went
    assert set(both_ways.recipients()) == {f"ana{n}@company.example" for n in went}


def test_a_slow_server_is_called_on_more_lines(smtp, settings, measured):
    settings.MAIL_CONNECTIONS = 3
    smtp.tricks.append(slow)
    transport = make()
    seen = []
    for first in range(0, 32, 8):
        transport.open()
        send(transport, *[write(n) for n in range(first, first + 8)])
        seen.append(smtp.connections)
        transport.rest()
    assert seen == [1, 3, 3, 3]
    transport.close()


@pytest.mark.parametrize(("letters", "lines"), [(47, 1), (48, 2)])
def test_who_has_much_to_send_to_a_near_server_takes_a_second_line(
    smtp, letters, lines
):
    with closing(make()) as transport:
        for first in (0, letters):
            transport.open()
            gate = send(transport, *[write(first + n) for n in range(letters)])
            assert set(gate.verdicts.values()) == {"accepted"}
    assert smtp.connections == lines
    assert set(smtp.recipients().values()) == {1}


def test_lines_that_others_need_are_not_taken(smtp, settings, measured, spool_folder):
    settings.MAIL_CONNECTIONS = 2
    smtp.tricks.append(slow)
    server = f"{settings.EMAIL_HOST}-{settings.EMAIL_PORT}"
    Places(spool_folder, server, 2).take()
    transport = make()
    transport.open()
    for first in (0, 8):
        send(transport, *[write(n) for n in range(first, first + 8)])
    assert smtp.connections == 1
    transport.close()


# -- Conversations -------------------------------------------------------------------


def hear(wire, heard):
    while len(heard) < 3:
        try:
            yield wire, talks.READ
        except TimeoutError:
            heard.append("late")
        else:
            heard.append(wire.recv(1))


def test_each_goes_on_when_its_own_answer_is_there():
    wires = [socket.socketpair() for _ in range(3)]
    heard = [[] for _ in wires]
    for near, far in wires:
        near.setblocking(False)
        far.sendall(b"abc")
    listening = [
        hear(near, one) for (near, _far), one in zip(wires, heard, strict=True)
    ]
    talks.hold(listening, 5.0)
    assert heard == [[b"a", b"b", b"c"]] * 3
    for near, far in wires:
        near.close()
        far.close()


def test_only_who_waits_too_long_hears_of_it():
    (silent, _keep), (wire, far) = socket.socketpair(), socket.socketpair()
    quick, late = [], []
    far.sendall(b"abc")
    idle = talks.hold([hear(silent, late), hear(wire, quick)], 0.05)
    assert quick == [b"a", b"b", b"c"]
    assert late == ["late"] * 3
    assert idle > 0
    for one in (silent, _keep, wire, far):
        one.close()


def test_the_fault_of_one_ends_the_others_where_they_are():
    wire, far = socket.socketpair()
    ended = []

    def patient():
        try:
            yield wire, talks.READ
        finally:
            ended.append(True)

    def broken():
        raise Dropped("at once")
        yield

    with pytest.raises(Dropped):
        talks.hold([patient(), broken()], 5.0)
    assert ended == [True]
    wire.close()
    far.close()
