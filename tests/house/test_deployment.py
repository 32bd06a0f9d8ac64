"""Django's own deployment checklist, over the settings of a real installation."""

import os
import subprocess
import sys

from django.conf import settings

SECRETS = {
    name: f"{name} with enough different characters: 0123456789-äöü-€"
    for name in ("SECRET_KEY", "LINK_KEY", "ADDRESS_HASH_KEY", "ARMING_KEY")
}
REAL = {
    "SITE_URL": "https://onboarding.example",
    "MAIL_TRANSPORT": "smtp",
    "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
    "ENV_FILE": os.devnull,
    **SECRETS,
}


def check(**changed):
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "onboarding.settings",
            **REAL,
            **changed,
        },
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_real_installation_passes():
    finished = check()
    assert finished.returncode == 0, finished.stderr


def test_one_with_the_demo_secret_does_not():
    finished = check(LINK_KEY=settings.DEMO_SECRET)
    assert finished.returncode == 1
    assert "onboarding.E002" in finished.stderr


def test_mail_that_never_leaves_is_warned_of():
    finished = check(MAIL_TRANSPORT="outbox")
    assert finished.returncode == 1
    assert "onboarding.W001" in finished.stderr
