"""The peer of `webhooks`: Anymail's own addresses and a row per event, as its
documentation shows it, in a project as `startproject` makes it."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.wsgi import get_wsgi_application


def _configure() -> None:
    import os  # noqa: PLC0415 - nothing else here asks for it

    address = urlsplit(os.environ["DATABASE_URL"])
    settings.configure(
        SECRET_KEY="peer",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF="anymail.urls",
        USE_TZ=True,
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "anymail",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": address.path.strip("/"),
                "USER": address.username,
                "PASSWORD": address.password or "",
                "HOST": address.hostname,
                "PORT": address.port,
                "CONN_MAX_AGE": 60,
            }
        },
        ANYMAIL={"WEBHOOK_SECRET": os.environ["WEBHOOK_SECRET"]},
    )


def nothing(
    environ: dict[str, Any], start_response: Callable[..., Any]
) -> Iterable[bytes]:
    """The limit: reads what comes and says thank you."""
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", "0")])
    return []


def _listen() -> None:
    from anymail.signals import tracking  # noqa: PLC0415 - after the settings
    from django.db import models  # noqa: PLC0415

    class PeerReport(models.Model):
        key = models.TextField(unique=True)
        event = models.TextField()
        recipient = models.TextField()
        occurred_at = models.DateTimeField(null=True)
        detail = models.TextField()

        class Meta:
            app_label = "peer"
            db_table = "peer_report"
            managed = False

        def __str__(self) -> str:
            return self.key

    def note(sender: object, event: Any, **kwargs: Any) -> None:
        PeerReport.objects.get_or_create(
            key=event.event_id,
            defaults={
                "event": event.event_type,
                "recipient": event.recipient,
                "occurred_at": event.timestamp,
                "detail": event.description or "",
            },
        )

    tracking.connect(note, weak=False)


_configure()
application = get_wsgi_application()
_listen()
