"""A worker whose connection to the database was cut takes another one."""

import psycopg
import pytest
from celery import signals
from django.db import OperationalError, connection

from onboarding import tasks

pytestmark = pytest.mark.django_db(transaction=True)


def ask():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@pytest.fixture
def cut():
    """The connection is broken, and a task has noticed."""
    ask()
    server = connection.settings_dict
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**server)
    with psycopg.connect(address) as other:
        other.execute(
            "SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid]
        )
    with pytest.raises(OperationalError):
        ask()
    yield
    connection.close()


def begin_task(*, is_eager):
    tasks.tick.push_request(is_eager=is_eager)
    signals.task_prerun.send(tasks.tick)
    tasks.tick.pop_request()


def test_the_next_task_has_a_whole_one(cut):
    begin_task(is_eager=False)
    ask()


def test_left_alone_it_would_fail_for_ever(cut):
    """The negative control: Celery keeps what CELERY_DB_REUSE_MAX lets it keep."""
    begin_task(is_eager=True)
    with pytest.raises(OperationalError):
        ask()
