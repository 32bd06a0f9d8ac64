"""A signal that asks to stop may come at any instant, also while somebody waits."""

import os
import subprocess
import sys
import time
from threading import Timer

import billiard
import pytest

from campaigns.sequences.sending import stopping
from campaigns.sequences.sending.stopping import Request

#: Is asked again and again while it waits, until that went well so often.
ASKED = """
import os, signal, sys
from threading import Event
from campaigns.sequences.sending.stopping import Request

heard = depth = 0

def hear(*_):
    global heard, depth
    heard, depth = heard + 1, depth + 1
    if depth > 20:
        # So often has it been asked while it was still busy with being asked.
        os._exit(3)
    asked.set() if make is Event else asked.make()
    depth -= 1

make = {"Event": Event, "Request": Request}[sys.argv[1]]
asked = make()
signal.signal(signal.SIGALRM, hear)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
while heard < 3_000:
    asked.wait(0.00001)
    asked = make()
os._exit(0)
"""


def ask_often(kind):
    """3 where it waits for ever."""
    return subprocess.run([sys.executable, "-c", ASKED, kind], check=False).returncode


def test_whoever_asks_never_waits():
    assert ask_often("Request") == 0


def test_with_an_event_it_would_wait_for_ever():
    """The negative control."""
    assert ask_often("Event") == 3


def test_celery_forks_its_children():
    assert billiard.get_context().get_start_method() == "fork"


@pytest.fixture
def asked():
    yield stopping.ask
    stopping.forget()


def hear():
    """In a process of its own: 0 once it was asked to stop."""
    ends = time.monotonic() + 60
    while not stopping.is_asked() and time.monotonic() < ends:
        time.sleep(0.01)
    os._exit(0 if stopping.is_asked() else 1)


def test_who_was_forked_hears_what_the_parent_is_asked(asked):
    child = billiard.get_context("fork").Process(target=hear)
    child.start()
    asked()
    child.join(90)
    assert child.exitcode == 0


def test_who_was_started_anew_does_not(asked):
    """The negative control: why the page must be there before the fork."""
    asked()
    look = (
        "from campaigns.sequences.sending import stopping; print(stopping.is_asked())"
    )
    run = [sys.executable, "-c", look]
    said = subprocess.run(run, check=True, capture_output=True, text=True).stdout
    assert said.strip() == "False"


def test_a_wait_ends_when_it_is_asked():
    request = Request()
    Timer(0.01, request.make).start()
    request.wait(60)
    assert request.is_made()


def test_who_was_asked_twice_before_waits_no_more():
    request = Request()
    request.make()
    request.make()
    request.wait(60)
    request.wait(60)


def test_nobody_waits_longer_than_told():
    request = Request()
    request.wait(0.001)
    assert not request.is_made()
