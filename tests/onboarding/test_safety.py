import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from onboarding import safety

#: Which a run of the tests may have set.
SET = {*safety.SECRETS, "LISTEN", "SITE_URL"}


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
    assert not safety.is_serving(["manage.py", "dispatch", "--help"])
    assert not safety.is_serving(["pytest"])


def test_what_is_wrong_is_said_without_where_in_the_code():
    careless = {"ALLOW_BUNDLED": "", "DEMO": "", "ENV_FILE": os.devnull}
    kept = {k: v for k, v in os.environ.items() if k.removesuffix("_FILE") not in SET}
    finished = subprocess.run(
        [sys.executable, "manage.py", "dispatch"],
        env={**kept, **careless, "DJANGO_SETTINGS_MODULE": "onboarding.settings"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert "Set them (see .env.example)" in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [("LISTEN", "0.0.0.0"), ("LISTEN", "192.0.2.7"), ("SITE_HOST", "shop.example")],
)
def test_who_others_can_reach_may_not_serve_with_them(in_earnest, name, value):
    in_earnest.ALLOW_BUNDLED = True
    setattr(in_earnest, name, value)
    with pytest.raises(ImproperlyConfigured, match="LINK_KEY"):
        safety.refuse_demo_secrets()


def test_with_own_secrets_the_bundled_servers_may_serve_anybody(in_earnest):
    in_earnest.ALLOW_BUNDLED, in_earnest.LISTEN = True, "0.0.0.0"
    for name in safety.SECRETS:
        setattr(in_earnest, name, f"{name} of our own, long enough for anybody")
    safety.refuse_demo_secrets()
