"""The settings of the project, with the apps of the peers beside ours."""

import os
import sys
from importlib.util import find_spec

# Tools for developers bring it along, and who logs takes it where it is there: 5 MiB
# of each process, which no installation has.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]

from onboarding.settings import *  # noqa: E402, F403
from onboarding.settings import INSTALLED_APPS  # noqa: E402

INSTALLED_APPS = [
    *INSTALLED_APPS,
    *(
        name
        for name in os.environ.get("BENCH_APPS", "").split(",")
        if name and find_spec(name)
    ),
]
DEBUG = False
