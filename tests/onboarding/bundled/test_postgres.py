import os
import select
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from onboarding.bundled import folders, ports, processes
from onboarding.bundled.postgres import Postgres, PostgresFailed, find_binaries


@pytest.fixture
def home():
    # Not tmp_path: for root, `nobody` must be able to come this far.
    with tempfile.TemporaryDirectory(prefix="onboarding-home-") as made:
        Path(made).chmod(0o711)
        yield Path(made) / "postgres"


def run(url, sql):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchone() if cursor.description else None


def test_data_survive_a_stop_and_a_start(home):
    postgres = Postgres(home)
    run(postgres.start(), "CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.stop()
    again = Postgres(home)
    assert run(again.start(), "SELECT answer FROM kept") == (42,)
    again.stop()


def test_letters_are_sorted_and_folded_alike_on_every_machine(home):
    postgres = Postgres(home)
    url = postgres.start()
    assert run(url, "SELECT lower('ÑANDÚ'), current_setting('server_encoding')") == (
        "ñandú",
        "UTF8",
    )
    postgres.stop()


def test_only_who_knows_the_password_comes_in(home):
    postgres = Postgres(home)
    url = postgres.start()
    stranger = url.replace(home.joinpath("password").read_text(), "guessed")
    with pytest.raises(psycopg.OperationalError, match="password"):
        run(stranger, "SELECT 1")
    assert stat.S_IMODE((home / "password").stat().st_mode) == 0o600
    postgres.stop()


def test_it_listens_on_the_loopback_only(home):
    postgres = Postgres(home)
    url = postgres.start()
    assert run(url, "SHOW listen_addresses") == ("127.0.0.1",)
    assert run(url, "SHOW unix_socket_directories") == ("",)
    postgres.stop()


def test_a_server_left_by_a_killed_start_is_replaced(home, monkeypatch):
    """As on a system where children outlive a killed parent."""
    monkeypatch.setattr(processes, "die_with_parent", lambda farewell: None)
    left = Postgres(home)
    run(left.start(), "CREATE TABLE kept AS SELECT 1 AS answer")
    new = Postgres(home)
    assert run(new.start(), "SELECT answer FROM kept") == (1,)
    assert left.process.wait(10) == 0
    new.stop()


def test_a_taken_port_is_no_obstacle(home, monkeypatch):
    first = Postgres(home.with_name("first"))
    first.start()
    asked = iter([first.port, ports.find_free()])
    monkeypatch.setattr(ports, "find_free", lambda: next(asked))
    second = Postgres(home)
    assert run(second.start(), "SELECT 1") == (1,)
    second.stop()
    first.stop()


def test_what_is_wrong_is_said(home):
    postgres = Postgres(home)
    postgres.start()
    postgres.stop()
    (postgres.cluster / "postgresql.auto.conf").write_text("nonsense = 1\n")
    with pytest.raises(PostgresFailed, match="nonsense"):
        postgres.start()


def test_without_the_package_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("onboarding.bundled.postgres.find_spec", lambda name: None)
    with pytest.raises(PostgresFailed, match="make setup"):
        find_binaries(None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user")
def test_root_lends_nobody_a_copy_where_nobody_cannot_read(monkeypatch, tmp_path):
    monkeypatch.setattr(folders, "is_open_to", lambda path, user: False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    binaries = find_binaries("nobody")
    assert binaries.is_relative_to(tmp_path)
    shown = subprocess.run(
        [binaries / "initdb", "--version"], check=True, capture_output=True
    )
    assert b"PostgreSQL" in shown.stdout


@pytest.mark.skipif(os.geteuid() != 0, reason="a plain user runs it as itself")
def test_root_runs_it_as_nobody_and_opens_no_folder_of_its_own(home):
    watched = [Path.home(), Path("/root"), Path(tempfile.gettempdir())]
    before = [path.stat().st_mode for path in watched]
    postgres = Postgres(home)
    postgres.start()
    status = Path(f"/proc/{postgres.process.pid}/status").read_text()
    assert "Uid:\t65534" in status
    assert [path.stat().st_mode for path in watched] == before
    postgres.stop()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone can")
def test_it_stops_when_its_starter_is_killed(home):
    code = (
        "import signal, sys; from pathlib import Path;"
        "from onboarding.bundled.postgres import Postgres;"
        "postgres = Postgres(Path(sys.argv[1])); postgres.start();"
        "print(postgres.process.pid, flush=True); signal.pause()"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE
    )
    watch = os.pidfd_open(int(starter.stdout.readline()))
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    assert select.select([watch], [], [], 30)[0]
    os.close(watch)
