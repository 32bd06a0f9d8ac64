"""The settings of the project, with passwords that need not resist anybody."""

import os
from urllib.parse import urlsplit

from onboarding.settings import *  # noqa: F403

# Each worker of xdist has a cache of its own: tests of throttling empty it.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
CACHES["default"]["LOCATION"] = (  # noqa: F405
    urlsplit(REDIS_URL)._replace(path=f"/{1 + _worker % 15}").geturl()  # noqa: F405
)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# What it asks for is tested where it is switched on.
REQUIRE_SECOND_FACTOR = False

# Lets the tests empty what is closed history otherwise; and whoever waits for a lock,
# or leaves a transaction open, is told so before the test is ended as one that hangs.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = (  # noqa: F405
    "-c onboarding.history=open"
    " -c lock_timeout=400s -c idle_in_transaction_session_timeout=300s"
)
