import math

import pytest

from campaigns.sequences.sending.transports import smtp as transport

SLOW = transport._SLOW


@pytest.fixture(autouse=True)
def near(monkeypatch):
    """Servers count as near, however busy this computer is: one line will do."""
    monkeypatch.setattr(transport, "_SLOW", math.inf)


@pytest.fixture
def measured(monkeypatch, near):
    """A server is near if it answers soon."""
    monkeypatch.setattr(transport, "_SLOW", SLOW)
