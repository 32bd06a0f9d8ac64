import pytest

from onboarding.supervisor.plan import make_plan, refuse_unsafe
from onboarding.supervisor.run import CannotStart

GIVEN = {"DATABASE_URL": "postgresql://a/b", "REDIS_URL": "redis://a"}


@pytest.fixture
def in_earnest(settings):
    settings.DEMO = settings.ALLOW_BUNDLED = False
    for name in ("SECRET_KEY", "LINK_KEY", "ADDRESS_HASH_KEY", "ARMING_KEY"):
        setattr(settings, name, f"{name} of our own, long enough for anybody")
    return settings


def test_bundled_servers_are_refused_in_earnest(in_earnest):
    with pytest.raises(CannotStart, match="DATABASE_URL, REDIS_URL"):
        refuse_unsafe({})


def test_demo_secrets_are_refused_in_earnest(in_earnest):
    in_earnest.ARMING_KEY = in_earnest.DEMO_SECRET
    with pytest.raises(CannotStart, match="ARMING_KEY"):
        refuse_unsafe(GIVEN)


def test_own_secrets_and_servers_may_start(in_earnest):
    refuse_unsafe(GIVEN)


def test_the_demo_and_whoever_asks_for_it_may_start(settings):
    settings.DEMO, settings.ALLOW_BUNDLED = True, False
    refuse_unsafe({})
    settings.DEMO, settings.ALLOW_BUNDLED = False, True
    refuse_unsafe({})


def test_every_part_is_started_on_the_port_that_was_asked_for(settings):
    settings.DEMO, settings.PORT = True, 8765
    plan = make_plan(preparations=(), greet=str)
    assert [part.name for part in plan.parts] == [
        "web",
        "worker",
        "jobs",
        "dispatcher",
        "beat",
    ]
    assert "127.0.0.1:8765" in plan.parts[0].command
    assert plan.port == 8765
