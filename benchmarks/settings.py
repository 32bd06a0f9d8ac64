"""The settings of the project, with the apps of the peers beside ours."""

import os
from importlib.util import find_spec

from onboarding.settings import *  # noqa: F403
from onboarding.settings import INSTALLED_APPS

INSTALLED_APPS = [
    *INSTALLED_APPS,
    *(
        name
        for name in os.environ.get("BENCH_APPS", "").split(",")
        if name and find_spec(name)
    ),
]
DEBUG = False
