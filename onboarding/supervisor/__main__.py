"""`python -m onboarding.supervisor PLAN`: what `manage.py up` and `demo` become.

A process without Django and the apps: it does nothing for hours but watch, and needs
a third of the memory for it.
"""

import os
import sys
from pathlib import Path

from onboarding import summary
from onboarding.bundled.folders import UnsafeFolder
from onboarding.bundled.postgres import PostgresFailed
from onboarding.bundled.valkey import ValkeyFailed

from .lock import AlreadyUp
from .plan import load
from .run import CannotStart, Supervisor

REFUSALS = (AlreadyUp, CannotStart, PostgresFailed, UnsafeFolder, ValkeyFailed)


def main(text: str) -> int | str:
    plan = load(text)

    def greet() -> str:
        demo = os.environ.get("DEMO") == "1"
        known = summary.recall(Path(plan.data)) if demo else None
        return summary.describe(plan.url, known)

    try:
        return Supervisor(plan, greet).run()
    except REFUSALS as refusal:
        return str(refusal)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
