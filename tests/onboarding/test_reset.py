import pytest
from django.core.management import CommandError, call_command

from onboarding.bundled import folders
from onboarding.supervisor import services
from onboarding.supervisor.lock import Lock


@pytest.fixture
def data(settings, tmp_path):
    settings.DATA_DIR = folders.make_private(tmp_path / "data")
    home = services.postgres_home(settings.DATA_DIR)
    for folder in (home, settings.DATA_DIR / "valkey", settings.DATA_DIR / "mine"):
        folder.mkdir(parents=True)
    return settings.DATA_DIR


def test_reset_removes_what_the_bundled_servers_kept_and_nothing_else(data):
    call_command("reset", verbosity=0)
    assert not services.postgres_home(data).exists()
    assert not (data / "valkey").exists()
    assert (data / "mine").exists()
    call_command("reset")


def test_reset_refuses_while_it_runs(data):
    lock = Lock(data, "http://localhost:8000")
    lock.take()
    with pytest.raises(CommandError, match="stop it first"):
        call_command("reset")
    assert (data / "valkey").exists()
    lock.leave()
    call_command("reset")
