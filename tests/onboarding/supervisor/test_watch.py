import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread

import pytest

from onboarding.supervisor import watch


@pytest.fixture
def web():
    """A product that answers as it is told, and counts itself ready or not."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.server.ready else 503)
            self.end_headers()
            state = "fine" if self.server.ready else "silent for 40 s"
            parts = {"database": "fine", "worker": state}
            self.wfile.write(json.dumps({"parts": parts}).encode())

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    server.ready = False
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def address(server):
    return f"http://127.0.0.1:{server.server_port}"


def test_it_asks_how_each_part_is(web):
    assert watch.ask(address(web)) == (
        False,
        {"database": "fine", "worker": "silent for 40 s"},
    )
    web.ready = True
    ready, parts = watch.ask(address(web))
    assert ready
    assert watch.list_trouble(parts) == {}


def test_a_web_that_does_not_answer_yet_is_starting():
    assert watch.ask("http://127.0.0.1:1") == (False, {"web": "starting"})


def test_it_tells_when_readiness_comes_goes_and_returns(web):
    told = Queue()
    watcher = watch.Watch(
        address(web),
        on_ready=lambda: told.put("ready"),
        on_change=lambda ready, parts: told.put((ready, watch.list_trouble(parts))),
        seconds=0.01,
    )
    watcher.start()
    web.ready = True
    first = told.get(timeout=30)
    web.ready = False
    second = told.get(timeout=30)
    web.ready = True
    third = told.get(timeout=30)
    watcher.end()
    watcher.join(30)
    assert [first, second, third] == [
        "ready",
        (False, {"worker": "silent for 40 s"}),
        (True, {}),
    ]
