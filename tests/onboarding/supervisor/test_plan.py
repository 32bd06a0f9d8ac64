import pytest

from onboarding.supervisor import plan
from onboarding.supervisor.draft import (
    Unsafe,
    draft,
    draft_environment,
    refuse_unsafe,
)

GIVEN = {"DATABASE_URL": "postgresql://a/b", "REDIS_URL": "redis://a"}


@pytest.fixture
def in_earnest(settings):
    settings.DEMO = settings.ALLOW_BUNDLED = False
    for name in ("SECRET_KEY", "LINK_KEY", "ADDRESS_HASH_KEY", "ARMING_KEY"):
        setattr(settings, name, f"{name} of our own, long enough for anybody")
    return settings


def test_bundled_servers_are_refused_in_earnest(in_earnest):
    with pytest.raises(Unsafe, match="DATABASE_URL, REDIS_URL"):
        refuse_unsafe({})


def test_demo_secrets_are_refused_in_earnest(in_earnest):
    in_earnest.ARMING_KEY = in_earnest.DEMO_SECRET
    with pytest.raises(Unsafe, match="ARMING_KEY"):
        refuse_unsafe(GIVEN)


def test_own_secrets_and_servers_may_start(in_earnest):
    refuse_unsafe(GIVEN)


def test_the_demo_and_whoever_asks_for_it_may_start(settings):
    settings.DEMO, settings.ALLOW_BUNDLED = True, False
    refuse_unsafe({})
    settings.DEMO, settings.ALLOW_BUNDLED = False, True
    refuse_unsafe({})


def test_every_part_is_started_on_the_port_that_was_asked_for(settings):
    settings.PORT = 8765
    drafted = draft(preparations=())
    assert [part.name for part in drafted.parts] == [
        "web",
        "worker",
        "jobs",
        "dispatcher",
        "beat",
    ]
    assert "127.0.0.1:8765" in drafted.parts[0].command


def test_a_plan_can_be_handed_on(settings):
    drafted = draft(preparations=(("migrate", "--verbosity=0"),))
    handed = plan.load(plan.dump(drafted))
    assert handed.parts == drafted.parts
    assert handed.preparations == [("migrate", "--verbosity=0")]
    assert handed.url == settings.SITE_URL


def test_a_plan_holds_no_secret(settings):
    text = plan.dump(draft(preparations=()))
    assert settings.SECRET_KEY not in text
    assert settings.DATABASES["default"]["PASSWORD"] not in text


def test_the_parts_find_our_python_first():
    env = draft_environment({"PATH": "/usr/bin", "LOG_FORMAT": "json"})
    assert env["PATH"].endswith(":/usr/bin")
    assert env["LOG_FORMAT"] == "json"
