from contextlib import ExitStack

import psycopg
from redis import Redis

from onboarding.bundled import addresses, folders
from onboarding.supervisor import services
from onboarding.supervisor.services import Services

GIVEN = {"DATABASE_URL": "postgresql://a/b", "REDIS_URL": "redis://a"}


def test_what_is_given_is_not_started(tmp_path):
    with ExitStack() as running:
        found = Services()
        found.start_missing(GIVEN, tmp_path, running)
        assert found.servers == {}


def test_an_address_in_a_file_counts_as_given():
    assert services.list_missing({"DATABASE_URL_FILE": "/x", "REDIS_URL": ""}) == [
        "REDIS_URL"
    ]


def test_what_is_missing_is_started_published_and_stopped(tmp_path):
    data = folders.make_private(tmp_path / "data")
    with ExitStack() as running:
        found = Services()
        found.start_missing({}, data, running)
        published = addresses.read(data)
        psycopg.connect(published.database).close()
        with Redis.from_url(published.redis) as broker:
            assert broker.ping()
        processes = found.list_processes()
        assert set(processes) == {"postgres", "valkey"}
    assert all(process.poll() is not None for process in processes.values())
    assert addresses.read(data) == addresses.Addresses()
    remove(data)


def remove(data):
    import shutil

    shutil.rmtree(services.postgres_home(data))
