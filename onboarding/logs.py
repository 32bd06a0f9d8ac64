"""Structured logs which keep addresses and tokens out."""

import logging
import re
from collections.abc import Mapping
from typing import Any

import structlog

ADDRESS = re.compile(r"[^\s@<>\"'=:,;()\[\]]+@[^\s@<>\"'=:,;()\[\]]+\.[^\W\d_]{2,}")
# The last part of a personal link is a bearer secret.
LINK = re.compile(r"/(i|u|me|c|t)/[^\s/?\"']{8,}")
SECRET_NAMES = re.compile(
    r"token|secret|passw|authori[sz]ation|cookie|api_?key|e?_?mail|address|^name$|^ip$",
    re.IGNORECASE,
)


def scrub_text(text: str) -> str:
    """The text without e-mail addresses and without the tokens of personal links."""
    return LINK.sub(r"/\1/[token]", ADDRESS.sub("[address]", text))


def scrub(value: Any) -> Any:
    """The value, whatever its shape, fit for a log."""
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, Mapping):
        return {key: _scrub_named(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [scrub(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrub_text(str(value))


def scrub_event(
    _logger: Any, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A structlog processor: the last one before the line is written."""
    return {key: _scrub_named(key, value) for key, value in event.items()}


def _scrub_named(name: str, value: Any) -> Any:
    if SECRET_NAMES.search(name):
        return "[left out]"
    return scrub(value)


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
