"""`.env.example` says everything that can be set, and nothing else."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings as django_settings

from onboarding import mail
from onboarding import settings as house
from onboarding.env import Reader

ROOT = django_settings.BASE_DIR
LINE = re.compile(r"^(#?)([A-Z][A-Z0-9_]*)=(.*)$")
LINES = [
    found.groups()
    for line in (ROOT / ".env.example").read_text().splitlines()
    if (found := LINE.match(line))
]


def list_names():
    """What the settings ask for, whichever way mail leaves."""
    env = Reader({"MAIL_TRANSPORT": "smtp", "EMAIL_URL": "smtp+ssl://a:b@m.example"})
    mail.read_settings(env)
    for needed, optional in mail.PROVIDERS.values():
        env.asked.update(needed, optional)
    return house.env.asked | env.asked


def test_the_example_names_every_setting():
    named = {name for _, name, _ in LINES}
    missing = list_names() - named
    assert not missing, f".env.example does not tell of {sorted(missing)}"


def test_the_example_names_nothing_that_is_not_read():
    named = {name for _, name, _ in LINES}
    stale = named - list_names()
    assert not stale, f"Nothing reads {sorted(stale)} of .env.example any more"


def test_the_example_names_each_setting_once():
    names = [name for _, name, _ in LINES]
    assert sorted(names) == sorted(set(names))


def test_the_example_holds_no_secret():
    assert not [n for _, n, value in LINES if n.endswith(("_KEY", "TOKEN")) and value]


def load(env):
    """The settings as JSON, loaded in a process whose environment is `env` alone."""
    code = (
        "from onboarding import settings; import json, pathlib;"
        "tell = lambda v: str(v) if isinstance(v, pathlib.Path) else str(type(v));"
        "print(json.dumps({name: value for name, value in vars(settings).items()"
        " if name.isupper()}, default=tell))"
    )
    kept = {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, **env},
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )


@pytest.mark.slow
def test_what_is_not_commented_out_is_what_holds_anyhow():
    stated = {name: value for off, name, value in LINES if not off}
    with_example, without = load(stated), load({})
    assert with_example.returncode == 0, with_example.stderr
    assert with_example.stdout == without.stdout


@pytest.mark.slow
def test_what_is_commented_out_is_understood():
    suggested = {name: value for off, name, value in LINES if off and value}
    assert load(suggested).returncode == 0
