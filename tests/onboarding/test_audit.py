from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from accounts.journal import invariants
from onboarding.tasks import audit


def find(*, holds):
    return SimpleNamespace(
        holds=holds,
        invariant=SimpleNamespace(code="I2"),
        broken=SimpleNamespace(count=3),
    )


@pytest.fixture
def lines(monkeypatch):
    """What the hourly audit says about findings."""

    def run(*findings):
        monkeypatch.setattr(invariants, "audit", lambda at: list(findings))
        with capture_logs() as said:
            audit()
        return said

    return run


def test_a_broken_promise_is_an_error_in_the_logs(db, lines):
    (line,) = lines(find(holds=True), find(holds=False))
    assert (line["log_level"], line["invariant"], line["cases"]) == ("error", "I2", 3)


def test_a_sound_database_is_not_worth_a_line(db, lines):
    assert lines(find(holds=True)) == []


def test_an_empty_database_keeps_every_promise(db):
    with capture_logs() as said:
        audit()
    assert said == []
