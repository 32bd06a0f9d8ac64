import os

import pytest
from django.db import connection

from accounts.journal import clock
from campaigns.sequences.sending import transports
from tests.support import smtp_sink

from . import scenes


@pytest.fixture
def monday(monkeypatch):
    """It is `scenes.MONDAY`, and time passes, whatever day it is where tests run."""
    ask, late = clock.now, []

    def now():
        at = ask()
        late[:] = late or [at - scenes.MONDAY]
        return at - late[0]

    monkeypatch.setattr(clock, "now", now)


@pytest.fixture
def spool_folder(tmp_path, settings):
    settings.SPOOL_DIR = tmp_path / "spool"
    return settings.SPOOL_DIR


@pytest.fixture
def sink():
    with smtp_sink.running() as sink:
        yield sink


@pytest.fixture
def smtp(settings, sink):
    """The settings of an installation that sends through the sink."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = sink.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 5
    return sink


@pytest.fixture
def worker(smtp, spool_folder):
    """A sender that hands over to the sink."""
    worker = scenes.make_worker(spool_folder, transports.make())
    yield worker
    worker.close()


@pytest.fixture
def process_environment(smtp, spool_folder):
    """For processes that work on the test's own database and send to its sink."""
    database = connection.settings_dict
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    return {
        **os.environ,
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "MAIL_TRANSPORT": "smtp",
        "EMAIL_URL": f"smtp://127.0.0.1:{smtp.port}",
        "SPOOL_DIR": str(spool_folder),
        "ALLOW_BUNDLED": "1",
    }
