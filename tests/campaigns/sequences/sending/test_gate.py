from types import SimpleNamespace

import pytest

from campaigns.sequences.sending import gate as gates
from campaigns.sequences.sending import spool
from campaigns.sequences.sending.gate import ChunkGate
from campaigns.sequences.sending.spool import Note, Spool
from campaigns.sequences.sending.stoplist import POLL_SECONDS, StopList
from campaigns.sequences.sending.transports import Result, Verdict


class Watch:
    """Stands still until it is set."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def watch(monkeypatch):
    watch = Watch()
    monkeypatch.setattr(gates, "stopwatch", watch)
    return watch


@pytest.fixture
def make_gate(tmp_path, watch):
    opened = Spool(tmp_path, "sender")

    def make(**options):
        return ChunkGate(
            **{
                "spool": opened,
                "stops": StopList([1, 2], lambda ids: {}),
                "epochs": {1: 1, 2: 1},
                "lease_ends": watch.now + 60,
                "closes": watch.now + 1,
                "stopping": lambda: False,
                **options,
            }
        )

    yield make
    opened.close()


def letter(pk=1):
    return SimpleNamespace(delivery_id=pk)


def noted(tmp_path):
    return spool.read(tmp_path, "sender").tries


def test_the_beginning_is_noted_before_anything_is_written(make_gate, tmp_path):
    assert make_gate().begin(letter())
    assert noted(tmp_path) == {(1, 1): Note("begin")}


def test_the_answer_is_noted_at_once(make_gate, tmp_path):
    gate = make_gate()
    gate.begin(letter())
    gate.end(letter(), Result(Verdict.ACCEPTED, "250", provider_id="x"))
    assert noted(tmp_path) == {(1, 1): Note("accepted", "250", "x")}
    assert gate.results[1][0].verdict is Verdict.ACCEPTED


def test_a_process_that_thaws_after_its_lease_writes_nothing(
    make_gate, watch, tmp_path
):
    """Frozen between the last question and the first byte, for longer than a lease."""
    gate = make_gate(lease_ends=watch.now + 60, closes=watch.now + 999)
    begin = gate.spool.begin

    def freeze(key):
        begin(key)
        watch.now += 61

    gate.spool.begin = freeze
    assert not gate.begin(letter())
    assert noted(tmp_path) == {(1, 1): Note("withheld")}
    assert gate.begun == set()


def test_without_the_check_of_the_lease_it_would_write(make_gate, watch):
    gate = make_gate(lease_ends=float("inf"), closes=float("inf"))
    begin = gate.spool.begin

    def freeze(key):
        begin(key)
        watch.now += 61

    gate.spool.begin = freeze
    assert gate.begin(letter())


def test_after_a_second_of_work_the_rest_is_left_alone(make_gate, watch):
    gate = make_gate()
    assert gate.wants(letter())
    watch.now += 1.1
    assert not gate.wants(letter())
    assert not gate.begin(letter())


def test_a_worker_that_stops_begins_nothing_more(make_gate):
    assert not make_gate(stopping=lambda: True).begin(letter())


def test_what_is_on_the_stop_list_is_held_back_with_its_reason(make_gate):
    stops = StopList([1, 2], lambda ids: {2: "goal_reached"}, clock=Ticking())
    gate = make_gate(stops=stops)
    assert gate.begin(letter(1))
    assert not gate.begin(letter(2))
    assert gate.held_back == {2: "goal_reached"}


class Ticking:
    """A clock on which a poll is due at each look."""

    now = 0.0

    def __call__(self):
        self.now += POLL_SECONDS
        return self.now


def test_the_database_is_asked_every_quarter_of_a_second_and_no_oftener():
    asked = []
    clock = Watch()

    def ask(ids):
        asked.append(list(ids))
        return {2: "suppressed"}

    stops = StopList([1, 2], ask, clock=clock)
    assert stops.reason(2) == ""
    clock.now += POLL_SECONDS * 0.9
    assert stops.reason(2) == ""
    assert asked == []
    clock.now += POLL_SECONDS * 0.1
    assert stops.reason(2) == "suppressed"
    assert stops.reason(1) == ""
    assert asked == [[1, 2]]


@pytest.mark.parametrize(("age", "asks"), [(0.0, False), (POLL_SECONDS, True)])
def test_a_last_look_that_is_old_already_is_asked_for_again(age, asks):
    stops = StopList([1], lambda ids: {1: "suppressed"}, age=age, clock=Watch())
    assert bool(stops.reason(1)) is asks


def test_an_answer_that_cannot_be_noted_is_known_all_the_same(make_gate):
    gate = make_gate()
    gate.begin(letter(1))

    def full(*about):
        raise OSError("full")

    gate.spool.end = full
    gate.end(letter(1), Result(Verdict.ACCEPTED, "250"))
    assert gate.results[1][0].verdict is Verdict.ACCEPTED
    assert not gate.begin(letter(2))


def test_what_cannot_be_noted_is_not_begun(make_gate, monkeypatch):
    gate = make_gate()

    def full(key):
        raise OSError("full")

    gate.spool.begin = full
    with pytest.raises(OSError, match="full"):
        gate.begin(letter())
    assert gate.begun == set()
