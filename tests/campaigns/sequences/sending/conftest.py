import signal

import pytest

from onboarding.bundled.valkey import Valkey
from tests.support import ledgers
from tests.support import senders as processes


@pytest.fixture
def sink_options():
    """What the server does otherwise than usual: see `tests.support.smtp_sink`."""
    return []


@pytest.fixture
def ledger(tmp_path, sink_options):
    """An SMTP server in a process of its own, and what it took."""
    sink = "tests.support.smtp_sink"
    with ledgers.kept(tmp_path / "ledger", sink, *sink_options) as ledger:
        yield ledger


@pytest.fixture
def lines():
    """How many connections all senders together may have to the server."""
    return 4


@pytest.fixture
def senders_environment(process_environment, ledger, lines):
    return {
        **process_environment,
        "EMAIL_URL": f"smtp://127.0.0.1:{ledger.port}",
        "MAIL_CONNECTIONS": str(lines),
        "LOG_LEVEL": "ERROR",
    }


@pytest.fixture
def senders(senders_environment):
    """Starts a "dispatcher" or a "worker" and returns its process id."""
    with processes.running(senders_environment) as senders:
        yield senders


@pytest.fixture
def valkey(tmp_path):
    """One of our own, to be broken."""
    valkey = Valkey(tmp_path / "valkey", careless=True)
    valkey.start()
    yield valkey
    valkey.process.send_signal(signal.SIGCONT)
    valkey.stop()
