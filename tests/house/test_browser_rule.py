"""`.ci/run` must notice when nobody looked at the pages."""

import pytest

pytest_plugins = ["pytester"]

RULE = "from tests.browser_rule import pytest_runtest_makereport"
SKIPPED = """
import pytest

@pytest.mark.browser
def test_page():
    pytest.skip("no browser")

def test_other():
    pytest.skip("another reason")
"""


@pytest.fixture
def outcome(pytester):
    """How a skipped browser test and another skipped one end."""
    pytester.makeini("[pytest]\nmarkers =\n    browser: drives one")
    pytester.makeconftest(RULE)
    pytester.makepyfile(SKIPPED)
    return lambda: pytester.inline_run("-p", "no:django").listoutcomes()


def test_a_skipped_browser_test_is_a_skip(outcome, monkeypatch):
    monkeypatch.delenv("REQUIRE_BROWSER", raising=False)
    _, skipped, failed = outcome()
    assert (len(skipped), len(failed)) == (2, 0)


def test_where_a_browser_must_be_there_it_is_a_failure(outcome, monkeypatch):
    monkeypatch.setenv("REQUIRE_BROWSER", "1")
    _, skipped, failed = outcome()
    assert (len(skipped), len(failed)) == (1, 1)
    assert "no browser" in str(failed[0].longrepr)
