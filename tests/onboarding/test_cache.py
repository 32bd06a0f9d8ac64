"""Redis may vanish: the log-in stays open, and guessing stays counted."""

import socket

import pytest
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

from onboarding import cache as own
from onboarding import readiness
from tests.factories import UserFactory

LOGIN = "/accounts/login/"
PASSWORD = "a long password"


@pytest.fixture
def gone(settings):
    """The settings' cache, on a port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    settings.CACHES = {
        "default": {
            **settings.CACHES["default"],
            "LOCATION": f"redis://127.0.0.1:{port}/0",
        }
    }
    own._rests_until.clear()
    yield
    if hasattr(caches["default"], "_spare"):
        caches["default"]._spare.clear()
    own._rests_until.clear()


@pytest.fixture
def ada(db):
    user = UserFactory(email="ada@house.example")
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(client, password=PASSWORD):
    return client.post(LOGIN, {"login": "ada@house.example", "password": password})


def test_staff_log_in_without_a_cache(client, ada, gone):
    assert log_in(client).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_django_s_own_cache_would_let_nobody_in(client, ada, gone, settings):
    """The negative control: what the careful cache is there for."""
    plain = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {**settings.CACHES["default"], "BACKEND": plain}}
    assert type(caches["default"]) is RedisCache
    with pytest.raises(RedisError):
        log_in(client)


def test_guessing_stays_counted_without_a_cache(client, ada, gone):
    for _attempt in range(5):
        log_in(client, "wrong")
    assert log_in(client).status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_cache_that_is_gone_is_left_alone_for_a_while(gone, monkeypatch):
    asked = []
    real = RedisCache.get

    def get(self, *args, **options):
        asked.append(args)
        return real(self, *args, **options)

    monkeypatch.setattr(RedisCache, "get", get)
    for _time in range(5):
        assert caches["default"].get("nothing", "spare") == "spare"
    assert len(asked) == 1


def test_it_is_asked_again_later_and_used_when_it_is_back(monkeypatch):
    here = caches["default"]
    own._rests_until[here._server] = own.monotonic() + 100
    here.set("who", "spare")
    own._rests_until.clear()
    here.set("who", "server")
    assert here.get("who") == "server"
    here._spare.clear()


def test_every_way_of_asking_is_careful(gone):
    cache = caches["default"]
    assert cache.add("n", 1)
    assert not cache.add("n", 2)
    assert cache.incr("n") == 2
    assert cache.decr("n") == 1
    assert cache.touch("n")
    assert "n" in cache
    cache.set_many({"a": 1, "b": 2})
    assert cache.get_many(["a", "b"]) == {"a": 1, "b": 2}
    assert cache.get_or_set("c", 3) == 3
    cache.delete_many(["a"])
    assert cache.delete("b")
    cache.clear()
    assert cache.get("n") is None


def test_health_says_so_and_stays_ready(client, db, gone, monkeypatch):
    for name in set(readiness.PROBES) - {"cache"}:
        monkeypatch.setitem(readiness.PROBES, name, lambda: None)
    readiness._seen.clear()
    answer = client.get("/readyz")
    assert answer.json()["parts"]["cache"] == "no answer"
    assert answer.status_code == 200
