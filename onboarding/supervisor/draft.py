"""What a start of this installation consists of, read from its settings."""

import os
import sys
from collections.abc import Mapping, Sequence

from django.conf import settings

from onboarding import safety

from .parts import list_parts
from .plan import Plan
from .services import list_missing

THREADS = 8


class Unsafe(Exception):
    """It may not be started like this; the message says what to set."""


def draft(*, preparations: Sequence[tuple[str, ...]]) -> Plan:
    """The plan for this checkout."""
    host, port = settings.LISTEN, settings.PORT
    return Plan(
        base=str(settings.BASE_DIR),
        data=str(settings.DATA_DIR),
        url=settings.SITE_URL,
        host=host,
        port=port,
        preparations=preparations,
        parts=list_parts(settings.BASE_DIR, host=host, port=port, threads=THREADS),
    )


def draft_environment(outer: Mapping[str, str]) -> dict[str, str]:
    """What the supervisor and its parts find in their environment."""
    quiet = "WARNING" if settings.DEMO else "INFO"
    return {
        **outer,
        "DJANGO_SETTINGS_MODULE": "onboarding.settings",
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), outer["PATH"]]),  # noqa: PTH120
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(settings.BASE_DIR),
        "LOG_FORMAT": outer.get("LOG_FORMAT") or "plain",
        "LOG_LEVEL": outer.get("LOG_LEVEL") or quiet,
        # Threads that allocate keep memory apart; two arenas cost nobody time.
        "MALLOC_ARENA_MAX": outer.get("MALLOC_ARENA_MAX") or "2",
    }


def refuse_unsafe(env: Mapping[str, str]) -> None:
    """Outside the demo: neither known secrets nor servers without a backup."""
    if safety.may_be_careless():
        return
    servers = [] if settings.ALLOW_BUNDLED else list_missing(env)
    if missing := [*safety.find_demo_secrets(), *servers]:
        raise Unsafe(
            f"Not set: {', '.join(missing)}. See .env.example and docs/operators.md. "
            "To look around, `make demo`; to run on the bundled servers and the "
            "demo's secrets all the same, ALLOW_BUNDLED=1, with LISTEN and SITE_URL "
            "left to this machine."
        )
