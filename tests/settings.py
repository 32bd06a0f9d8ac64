"""The settings of the project, with passwords that need not resist anybody."""

from onboarding.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Lets the tests empty what is closed history otherwise.
DATABASES["default"].setdefault("OPTIONS", {})["options"] = (  # noqa: F405
    "-c onboarding.history=open"
)
