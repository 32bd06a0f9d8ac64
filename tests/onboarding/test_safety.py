import pytest
from django.core.exceptions import ImproperlyConfigured

from onboarding import safety


@pytest.fixture
def in_earnest(settings):
    settings.DEMO = settings.ALLOW_BUNDLED = False
    return settings


def test_a_process_that_serves_refuses_the_demo_secret(in_earnest):
    with pytest.raises(ImproperlyConfigured, match="LINK_KEY"):
        safety.refuse_demo_secrets()


def test_own_secrets_may_serve(in_earnest):
    for name in safety.SECRETS:
        setattr(in_earnest, name, f"{name} of our own, long enough for anybody")
    safety.refuse_demo_secrets()


def test_the_demo_and_whoever_asks_for_it_may_serve(in_earnest):
    in_earnest.DEMO = True
    safety.refuse_demo_secrets()
    in_earnest.DEMO, in_earnest.ALLOW_BUNDLED = False, True
    safety.refuse_demo_secrets()


def test_only_commands_that_serve_are_refused():
    assert safety.is_serving(["manage.py", "dispatch"])
    assert not safety.is_serving(["manage.py", "makemigrations"])
    assert not safety.is_serving(["pytest"])
