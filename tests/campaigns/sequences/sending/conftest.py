import pytest

from tests.support import ledgers
from tests.support import senders as processes


@pytest.fixture
def ledger(tmp_path):
    """An SMTP server in a process of its own, and what it took."""
    with ledgers.kept(tmp_path / "ledger", "tests.support.smtp_sink") as ledger:
        yield ledger


@pytest.fixture
def senders(process_environment, ledger):
    """Starts a "dispatcher" or a "worker" and returns its process id."""
    environment = {
        **process_environment,
        "EMAIL_URL": f"smtp://127.0.0.1:{ledger.port}",
        "LOG_LEVEL": "ERROR",
    }
    with processes.running(environment) as senders:
        yield senders
