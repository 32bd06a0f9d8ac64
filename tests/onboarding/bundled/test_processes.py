import os
import select
import signal
import subprocess
import sys

import pytest

from onboarding.bundled import processes

# Says its number, then waits for ever.
WAIT = [
    sys.executable,
    "-c",
    "import os, signal; print(os.getpid(), flush=True); signal.pause()",
]
STUBBORN = [
    sys.executable,
    "-c",
    "from signal import *; signal(SIGTERM, SIG_IGN); print('up', flush=True); pause()",
]


def test_a_child_stops_when_asked():
    child = processes.spawn(WAIT, output=subprocess.PIPE)
    child.stdout.readline()
    assert processes.stop(child) == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed():
    child = processes.spawn(STUBBORN, output=subprocess.PIPE)
    child.stdout.readline()
    assert processes.stop(child, patience=0.05) == -signal.SIGKILL


def test_stopping_what_has_ended_is_harmless():
    child = processes.spawn([sys.executable, "-c", "raise SystemExit(3)"])
    child.wait()
    assert processes.stop(child) == 3


def test_a_child_hears_nothing_of_a_ctrl_c_in_our_terminal():
    child = processes.spawn(WAIT, output=subprocess.PIPE)
    try:
        assert os.getsid(child.pid) == child.pid
    finally:
        processes.stop(child)


def start_parent(spawn):
    """A process that starts WAIT with `spawn`, and says the child's number."""
    code = (
        "import subprocess, signal; from onboarding.bundled import processes;"
        f"child = {spawn}({WAIT!r}, {'output' if 'spawn' in spawn else 'stdout'}"
        "=subprocess.PIPE);"
        "print(child.stdout.readline().decode(), flush=True); signal.pause()"
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)


def kill_parent(spawn):
    """Kill -9 the parent; return a descriptor of its child, and its number."""
    parent = start_parent(spawn)
    child = int(parent.stdout.readline())
    watch = os.pidfd_open(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    return watch, child


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone can")
def test_a_child_does_not_outlive_a_killed_parent():
    watch, _ = kill_parent("processes.spawn")
    assert has_ended(watch, 10)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone can")
def test_without_the_guard_it_would():
    watch, child = kill_parent("subprocess.Popen")
    assert not has_ended(watch, 0.2)
    os.kill(child, signal.SIGKILL)


def has_ended(watch, seconds):
    """Wait for the end of a process; its descriptor is readable from then on."""
    try:
        return bool(select.select([watch], [], [], seconds)[0])
    finally:
        os.close(watch)
