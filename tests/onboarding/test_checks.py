import pytest
from django.core.checks import run_checks
from django.test import override_settings

from onboarding import checks


def find(identity):
    return [message for message in run_checks() if message.id == identity]


def test_the_settings_as_they_are_pass():
    assert find("onboarding.E001") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CELERY_TASK_ACKS_LATE", False),
        ("CELERY_ACCEPT_CONTENT", ["json", "pickle"]),
        ("CELERY_WORKER_PREFETCH_MULTIPLIER", 4),
        ("CELERY_TIMEZONE", "Europe/Madrid"),
        ("CELERY_DB_REUSE_MAX", None),
        ("CELERY_TASK_TIME_LIMIT", None),
        ("CELERY_RESULT_BACKEND", "redis://"),
        ("CELERY_BROKER_TRANSPORT_OPTIONS", {"visibility_timeout": 600}),
    ],
)
def test_each_setting_that_keeps_work_safe_is_asserted(name, value):
    with override_settings(**{name: value}):
        messages = find("onboarding.E001")
    assert messages, f"{name} = {value!r} went unnoticed"


def test_demo_secrets_fail_the_deployment_check(settings):
    settings.LINK_KEY = settings.DEMO_SECRET
    settings.SECRET_KEY = settings.ADDRESS_HASH_KEY = settings.ARMING_KEY = "x" * 50
    (message,) = checks.check_secrets(None)
    assert "LINK_KEY" in message.msg


def test_mail_that_stays_here_is_warned_of_when_deployed(settings):
    settings.MAIL_TRANSPORT = "outbox"
    (message,) = checks.check_mail(None)
    assert message.id == "onboarding.W001"
    settings.MAIL_TRANSPORT = "smtp"
    assert checks.check_mail(None) == []
