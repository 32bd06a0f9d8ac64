"""Structured logs which keep addresses and tokens out."""

import logging
from typing import Any

import structlog

from .scrubbing import scrub_named


def scrub_event(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A structlog processor: the last one before the line is written."""
    return {key: scrub_named(key, value) for key, value in event.items()}


class ProbeFilter(logging.Filter):
    """A probe that finds us not ready yet has its answer; it is no error of ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        return getattr(request, "path_info", "") != "/readyz"


# They say "received" and "succeeded" for every ring of the bell.
CHATTY = ("celery.app.trace", "celery.beat", "celery.worker.strategy")

SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def describe_logging(*, level: str, style: str) -> dict[str, Any]:
    """Configure structlog and return Django's LOGGING for it."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": _end_of_line(style),
            }
        },
        "filters": {"no_probes": {"()": ProbeFilter}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "line",
                "filters": ["no_probes"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": level, "propagate": True, "handlers": []},
            "django.server": {"level": "WARNING", "propagate": True, "handlers": []},
            "celery": {"level": level, "propagate": True, "handlers": []},
            # Parameters of statements are people's data, even when one debugs.
            "django.db.backends": {"level": "WARNING"},
            # gunicorn's own handlers would write addresses as they came in; each
            # request is told once, by `requests`.
            "gunicorn.error": {"propagate": True, "handlers": []},
            "gunicorn.access": {
                "level": "WARNING",
                "propagate": True,
                "handlers": [],
            },
            **{name: {"level": "WARNING"} for name in CHATTY},
        },
    }


def _end_of_line(style: str) -> list[structlog.typing.Processor]:
    scrubbed: list[structlog.typing.Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        scrub_event,
    ]
    if style == "plain":
        return [*scrubbed, structlog.dev.ConsoleRenderer(colors=False)]
    return [*scrubbed, structlog.processors.JSONRenderer()]
