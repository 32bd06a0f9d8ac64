"""The servers behind the tests, and the cast of people who act in them."""

# ruff: noqa: E402 - the servers must run before anything imports a model
from . import services

services.begin()

import pytest

from .browser_rule import pytest_runtest_makereport  # noqa: F401 - a hook


def pytest_unconfigure(config: pytest.Config) -> None:
    services.end()
