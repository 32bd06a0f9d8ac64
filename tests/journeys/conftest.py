import pytest

from accounts.customers import clock as customers_clock
from accounts.journal import clock
from campaigns.sequences.sending import transports, workers
from campaigns.sequences.sending.spool import Spool
from tests.support import smtp_sink


@pytest.fixture
def sink():
    with smtp_sink.running() as sink:
        yield sink


@pytest.fixture
def worker(settings, sink, tmp_path):
    """A sender that hands over to a real SMTP server on loopback."""
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    worker = workers.Worker("sender", transports.make(), Spool(settings.SPOOL_DIR, "s"))
    yield worker
    worker.close()


@pytest.fixture
def story_clock(monkeypatch):
    """Every door asks the story what time it is."""

    def follow(story):
        for one in (clock, customers_clock):
            monkeypatch.setattr(one, "now", lambda: story.at)

    return follow
