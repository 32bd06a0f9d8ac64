"""What a start of this installation consists of, from its settings."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence

from django.conf import settings

from onboarding import safety

from .parts import list_parts
from .run import CannotStart, Plan
from .services import list_missing

THREADS = 8


def make_plan(
    *, preparations: Sequence[tuple[str, ...]], greet: Callable[[], str]
) -> Plan:
    """The plan for this checkout; refused where it would not be safe."""
    env = _environment(os.environ)
    refuse_unsafe(env)
    return Plan(
        base=settings.BASE_DIR,
        data=settings.DATA_DIR,
        url=settings.SITE_URL,
        host=settings.LISTEN,
        port=settings.PORT,
        env=env,
        preparations=preparations,
        parts=list_parts(
            settings.BASE_DIR, host=settings.LISTEN, port=settings.PORT, threads=THREADS
        ),
        greet=greet,
    )


def refuse_unsafe(env: Mapping[str, str]) -> None:
    """Outside the demo: neither known secrets nor servers without a backup."""
    if settings.DEMO or settings.ALLOW_BUNDLED:
        return
    if missing := [*safety.find_demo_secrets(), *list_missing(env)]:
        raise CannotStart(
            f"Not set: {', '.join(missing)}. See .env.example and docs/operators.md. "
            "To look around, `make demo`; to run on the bundled servers and the "
            "demo's secrets all the same, ALLOW_BUNDLED=1."
        )


def _environment(outer: Mapping[str, str]) -> dict[str, str]:
    return {
        **outer,
        "DJANGO_SETTINGS_MODULE": "onboarding.settings",
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), outer["PATH"]]),  # noqa: PTH120
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(settings.BASE_DIR),
        "LOG_FORMAT": outer.get("LOG_FORMAT") or "plain",
        "LOG_LEVEL": outer.get("LOG_LEVEL") or ("WARNING" if settings.DEMO else "INFO"),
    }
