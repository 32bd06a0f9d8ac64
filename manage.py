#!/usr/bin/env python3
"""The command line of the project: `manage.py help` lists what it can do."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onboarding.settings")
    if sys.argv[1:2] == ["demo"]:
        # Whatever .env says about a real installation is not for the demo.
        os.environ |= {"DEMO": "1", "ENV_FILE": os.devnull}
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ModuleNotFoundError as error:
        sys.exit(f"{error}. Run `make setup` first, then use .venv/bin/python.")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as wrong:
        sys.exit(str(wrong))  # it says what to do; where it was found helps nobody


if __name__ == "__main__":
    main()
