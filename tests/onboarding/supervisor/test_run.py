"""The supervisor as a person meets it: in a process, with signals and Ctrl-C."""

import os
import select
import signal
import subprocess
import sys
from threading import Timer
from types import SimpleNamespace

import pytest

from onboarding.bundled import ports
from onboarding.supervisor.run import Supervisor

#: Seconds; more than any of them takes. Then it is killed, and its output ends.
PATIENCE = 120
WAIT = "import os, signal; print(os.getpid()); signal.pause()"
# Has a child of its own, and ends without minding it.
FAMILY = (
    "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c',"
    "'import signal; signal.pause()']); print(child.pid); import signal; signal.pause()"
)
DEAF = (
    "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print(os.getpid()); signal.pause()"
)


class Trial:
    def __init__(self, data, **parts):
        self.port = ports.find_free()
        self.data = data
        self.process = self.begin(parts)

    def begin(self, parts):
        codes = [f"{name}={code}" for name, code in parts.items()]
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.onboarding.supervisor.trial"),
                *(str(self.data), str(self.port), *codes),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.end_of_patience = Timer(PATIENCE, process.kill)
        self.end_of_patience.daemon = True
        self.end_of_patience.start()
        return process

    def read_until(self, wanted):
        """The first line that holds `wanted`; an empty one if it never came."""
        return next((line for line in self.process.stdout if wanted in line), "")

    def read_numbers(self, *parts):
        """The process numbers which the parts printed, in whatever order."""
        found = {}
        while len(found) < len(parts) and (line := self.process.stdout.readline()):
            name, _, said = line.partition("│")
            if name.strip() in parts:
                found[name.strip()] = int(said)
        return [found[part] for part in parts]

    def read_number(self, part):
        return self.read_numbers(part)[0]

    def end(self, asked=signal.SIGINT):
        self.process.send_signal(asked)
        return self.finish()

    def finish(self):
        said, _ = self.process.communicate(timeout=60)
        self.end_of_patience.cancel()
        return self.process.returncode, said


@pytest.fixture
def start(tmp_path):
    started = []

    def begin(**parts):
        started.append(Trial(tmp_path / "data", **parts))
        return started[-1]

    yield begin
    for trial in started:
        if trial.process.poll() is None:
            trial.process.terminate()
        trial.finish()


def has_ended(descriptor, seconds):
    """Wait for the end of a process; its descriptor is readable from then on."""
    return bool(select.select([descriptor], [], [], seconds)[0])


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_it_greets_once_every_part_works(start):
    trial = start(worker=WAIT)
    assert "READY" in trial.read_until("READY")


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_what_was_started(start, asked):
    trial = start(worker=WAIT)
    worker = trial.read_number("worker")
    before = is_alive(worker)
    status, said = trial.end(asked)
    assert before
    assert status == 0
    assert not is_alive(worker)
    assert "stopped" in said


def test_who_is_asked_to_stop_begins_nothing_more(monkeypatch):
    plan = SimpleNamespace(preparations=[("first",), ("second",)])
    supervisor, begun = Supervisor(plan, str), []

    def begin(arguments, _env):
        begun.append(arguments)
        supervisor.asked_to_stop = True
        return 0

    monkeypatch.setattr(supervisor, "_run_one", begin)
    assert not supervisor._prepare({})
    assert begun == [("first",)]


def test_a_part_that_dies_stops_the_others(start):
    trial = start(worker=WAIT, beat=WAIT)
    worker, beat = trial.read_numbers("worker", "beat")
    os.kill(beat, signal.SIGKILL)
    status, said = trial.finish()
    assert status == 1
    assert "beat ended by itself (killed by SIGKILL)" in said
    assert not is_alive(worker)


def test_a_part_that_leaves_says_with_what_status(start):
    status, said = start(beat="raise SystemExit(7)").finish()
    assert status == 1
    assert "beat ended by itself (exit status 7)" in said


def test_what_a_part_started_is_stopped_with_it(start):
    trial = start(worker=FAMILY)
    grandchild = os.pidfd_open(trial.read_number("worker"))
    before = has_ended(grandchild, 0)
    trial.end()
    assert (before, has_ended(grandchild, 30)) == (False, True)


def test_an_impatient_second_ctrl_c_kills(start):
    trial = start(worker=DEAF)
    worker = trial.read_number("worker")
    trial.process.send_signal(signal.SIGINT)
    trial.read_until("stopping")
    _, said = trial.end(signal.SIGINT)
    assert "worker did not stop in time and is killed" in said
    assert not is_alive(worker)


def test_a_killed_supervisor_takes_the_parts_along(start):
    trial = start(worker=WAIT)
    worker = os.pidfd_open(trial.read_number("worker"))
    trial.end(signal.SIGKILL)
    assert has_ended(worker, 30)


def test_a_second_start_says_where_the_first_one_runs(start):
    first = start(worker=WAIT)
    first.read_until("READY")
    status, said = start(worker=WAIT).finish()
    assert status == 2
    assert f"already runs at http://localhost:{first.port}" in said
    assert f"process {first.process.pid}" in said
    assert first.process.poll() is None


def test_after_the_first_has_ended_another_may_start(start):
    first = start(worker=WAIT)
    first.read_until("READY")
    first.end(signal.SIGKILL)
    assert "READY" in start(worker=WAIT).read_until("READY")


def test_a_taken_port_is_named_and_another_one_offered(start, tmp_path):
    first = start(worker=WAIT)
    first.read_until("READY")
    second = Trial.__new__(Trial)
    second.port, second.data = first.port, tmp_path / "elsewhere"
    second.process = second.begin({"worker": WAIT})
    status, said = second.finish()
    assert status == 2
    assert f"PORT={first.port + 1}" in said


def test_lines_carry_the_name_of_their_part(start):
    trial = start(worker=f"print('one line'); print('and another'); {WAIT}")
    assert trial.read_until("one line") == "worker     │ one line\n"
    assert trial.read_until("another") == "worker     │ and another\n"
