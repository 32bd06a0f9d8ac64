"""Whatever was answered is in the database, wherever the server was killed."""

import http.client
import os
import subprocess
import sys
from contextlib import suppress
from threading import Event, Thread

import psutil
import pytest
from django.db import connection

from campaigns.feedback.models import Post
from onboarding.bundled import ports

from .conftest import SECRET

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

CLIENTS = 8
#: It is killed when so many have their answer.
ANSWERS = 400


@pytest.fixture
def serve(secret):
    """Start a web process of ours, and give its address."""
    servers = []

    def serve(application):
        port = ports.find_free()
        server = connection.settings_dict
        url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**server)
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "WEBHOOKS": "postmark",
            "WEBHOOK_SECRET": SECRET,
            "ALLOW_BUNDLED": "1",
        }
        command = [sys.executable, "-m", "gunicorn", application]
        options = ["--worker-class=gthread", "--threads=8", "--no-control-socket"]
        servers.append(
            subprocess.Popen(
                [*command, f"--bind=127.0.0.1:{port}", *options], env=environment
            )
        )
        while not is_up(port):
            assert servers[-1].poll() is None
        return servers[-1], port

    yield serve
    for server in servers:
        server.kill()
        server.wait()


def is_up(port):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with suppress(OSError):
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    return False


def post_until_it_dies(port, secret, kill):
    """The numbers of the posts that were answered, of eight who post at once."""
    answered, enough = [], Event()

    def post(first):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        headers = {"Authorization": secret, "Content-Type": "application/json"}
        with suppress(OSError, http.client.HTTPException):
            for number in range(first, 1_000_000, CLIENTS):
                line.request("POST", "/webhooks/postmark/", str(number), headers)
                answer = line.getresponse()
                answer.read()
                assert answer.status == 200
                answered.append(number)
                if len(answered) >= ANSWERS:
                    enough.set()

    threads = [Thread(target=post, args=(first,)) for first in range(CLIENTS)]
    for thread in threads:
        thread.start()
    assert enough.wait(60)
    kill()
    for thread in threads:
        thread.join()
    return set(answered)


def kill_family(server):
    """Those who serve, and whoever would start others."""
    for process in [server, *server.children(recursive=True)]:
        process.kill()


def lost(serve, secret, application):
    """Posts that were answered and are nowhere."""
    server, port = serve(application)
    family = psutil.Process(server.pid)
    answered = post_until_it_dies(port, secret, lambda: kill_family(family))
    assert len(answered) >= ANSWERS
    stored = {int(bytes(body)) for body in Post.objects.values_list("body", flat=True)}
    return answered - stored


def test_what_was_answered_is_in_the_database(serve, secret):
    assert lost(serve, secret, "onboarding.wsgi") == set()


def test_answered_before_it_is_stored_it_would_be_lost(serve, secret):
    """The negative control."""
    assert lost(serve, secret, "tests.support.hasty_wsgi")
