import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from onboarding.bundled import valkey
from onboarding.bundled.valkey import Valkey, ValkeyFailed


def test_messages_survive_a_stop_and_a_start(tmp_path):
    server = Valkey(tmp_path / "valkey")
    with Redis.from_url(server.start()) as broker:
        broker.rpush("queue", "a message")
    server.stop()
    again = Valkey(tmp_path / "valkey")
    with Redis.from_url(again.start()) as broker:
        assert broker.lpop("queue") == b"a message"
    again.stop()


def test_it_would_rather_refuse_than_drop_a_message(tmp_path):
    server = Valkey(tmp_path / "valkey")
    with Redis.from_url(server.start()) as broker:
        assert broker.config_get("maxmemory-policy") == {
            "maxmemory-policy": "noeviction"
        }
        assert broker.config_get("bind") == {"bind": "127.0.0.1"}
    server.stop()


def test_only_who_knows_the_password_comes_in(tmp_path):
    server = Valkey(tmp_path / "valkey")
    server.start()
    with Redis(port=server.port) as stranger, pytest.raises(AuthenticationError):
        stranger.ping()
    server.stop()


def test_the_password_does_not_show_among_the_processes(tmp_path):
    server = Valkey(tmp_path / "valkey")
    server.start()
    with open(f"/proc/{server.process.pid}/cmdline", "rb") as command:  # noqa: PTH123
        assert server.password.encode() not in command.read()
    server.stop()


def test_without_any_server_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr(valkey, "find_spec", lambda name: None)
    monkeypatch.setattr(valkey.shutil, "which", lambda name: None)
    with pytest.raises(ValkeyFailed, match="apt-get install redis-server"):
        valkey.find_server()


def test_one_on_the_path_will_do(monkeypatch):
    monkeypatch.setattr(valkey, "find_spec", lambda name: None)
    monkeypatch.setattr(valkey.shutil, "which", {"redis-server": "/x"}.get)
    assert valkey.find_server() == "/x"
