"""Redis refuses us, forgets everything, or answers nobody, and the product goes on.

The real parts, at a Redis of the test's own. In each fault a part of the campaign
becomes due: it must go out while the fault lasts, and pages must be answered.
"""

import signal
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from redis import Redis
from redis.exceptions import RedisError

from accounts.consent import links
from accounts.consent.models import Choice
from accounts.journal import clock
from campaigns.sequences.models import Delivery, Enrolment, Heartbeat
from onboarding.bundled import ports, valkey
from onboarding.bundled.valkey import Valkey
from onboarding.celery import app
from tests.campaigns.sequences.conftest import (  # noqa: F401 - fixtures
    process_environment,
    sink,
    smtp,
    spool_folder,
)
from tests.campaigns.sequences.sending.judging import judge, plan, wait_for
from tests.support import ledgers
from tests.support.house import House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

#: So many become due in each fault.
PART = 40


@pytest.fixture
def redis(tmp_path, monkeypatch):
    """One that writes nothing to disk, always at the same port."""
    port = ports.find_free()
    same = SimpleNamespace(find_free=lambda: port)
    monkeypatch.setattr(valkey, "ports", same)
    server = Valkey(tmp_path / "valkey", careless=True)
    server.start()
    yield server
    server.process.send_signal(signal.SIGCONT)
    server.stop()


@pytest.fixture
def ledger(tmp_path):
    with ledgers.kept(tmp_path / "ledger", "tests.support.smtp_sink") as ledger:
        yield ledger


@pytest.fixture
def house(tmp_path, process_environment, ledger, redis):  # noqa: F811
    environment = {
        **process_environment,
        "EMAIL_URL": f"smtp://127.0.0.1:{ledger.port}",
        "REDIS_URL": redis.url,
        "ALLOWED_HOSTS": "127.0.0.1",
        "LOG_FORMAT": "plain",
    }
    house = House(tmp_path, environment)
    yield house
    house.end()


def ask_server(redis):
    return Redis.from_url(redis.url, socket_timeout=5)


@contextmanager
def another_password(redis):
    """As after somebody has changed it, and restarted nothing of ours."""
    admin = ask_server(redis)
    admin.ping()
    admin.config_set("requirepass", "another")
    admin.client_kill_filter(_type="normal", skipme=True)
    with pytest.raises(RedisError):
        ask_server(redis).ping()
    yield
    admin.config_set("requirepass", redis.password)


@contextmanager
def restarted_without_its_memory(redis):
    assert ask_server(redis).dbsize() > 0
    redis.process.kill()
    redis.process.wait()
    redis.start()
    yield


@contextmanager
def frozen(redis):
    redis.process.send_signal(signal.SIGSTOP)
    yield
    redis.process.send_signal(signal.SIGCONT)


FAULTS = (another_password, restarted_without_its_memory, frozen)


def make_due(number):
    """The next people of the campaign: it is a minute past their time."""
    later = Enrolment.objects.filter(due_at__gt=clock.now()).order_by("pk")[:number]
    Enrolment.objects.filter(pk__in=later.values("pk")).update(
        due_at=clock.now() - timedelta(minutes=1)
    )


def are_sent(number):
    return Delivery.objects.filter(state="sent").count() == number


def answers(house, buyer):
    """A page, the log-in's check of a password, and a click that is recorded."""
    one_click = urlsplit(links.unsubscribe(buyer.uuid)).path
    assert house.ask("/accounts/login/")[0] == 200
    assert house.ask("/u/nobodys-link")[0] == 404
    posted = b"List-Unsubscribe=One-Click"
    assert house.ask(one_click, posted)[0] == 200
    return Choice.objects.filter(buyer=buyer).exists()


def hears_again(redis):
    """A worker lives, and does what it is rung for."""
    Heartbeat.objects.filter(part="worker").delete()

    def is_heard():
        with app.connection_for_write(redis.url) as broker:
            app.send_task("onboarding.tick", queue="dispatch", connection=broker)
        return Heartbeat.objects.filter(part="worker").exists()

    wait_for(is_heard)


def test_whatever_becomes_of_redis_pages_answer_and_mail_goes_out(house, ledger, redis):
    plan(PART * (len(FAULTS) + 1))
    Enrolment.objects.update(due_at=clock.now() + timedelta(hours=1))
    people = [one.buyer for one in Enrolment.objects.order_by("pk")]
    make_due(PART)
    # Not before: they would send what is being planned.
    house.start("web", "worker", "beat", "dispatcher")
    wait_for(lambda: are_sent(PART))
    wait_for(lambda: house.ask("/healthz")[0] == 200)
    hears_again(redis)
    for number, fault in enumerate(FAULTS, 1):
        with fault(redis):
            make_due(PART)
            assert answers(house, people[number])
            wait_for(lambda number=number: are_sent(PART * (number + 1)))
    hears_again(redis)
    judge(ledger.read(), planned=PART * (len(FAULTS) + 1), unknown=0)
    # Not one of them had to be started anew.
    assert house.are_alive()


def test_nobody_gives_up_asking_for_the_broker():
    """Celery's own number ends a worker after three quarters of an hour, and then the
    supervisor stops everything."""
    assert app.conf.broker_connection_max_retries is None
