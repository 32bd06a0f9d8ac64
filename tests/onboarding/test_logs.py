import json
import logging
from io import StringIO

import pytest
import structlog

from onboarding.logs import describe_logging, scrub


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("mail to ana@cliente.example failed", "mail to [address] failed"),
        ("GET /i/4f9sZk20aQx_81 200", "GET /i/[token] 200"),
        ("GET /u/eyJhbGciOi.J9-xY?x=1", "GET /u/[token]?x=1"),
        ("<o'brien+x@sub.cliente.example>", "<o'[address]>"),
        ("3 @ 4.50 each", "3 @ 4.50 each"),
    ],
)
def test_addresses_and_tokens_are_left_out(said, written):
    assert scrub(said) == written


def test_what_is_named_like_a_secret_is_left_out_at_any_depth():
    scrubbed = scrub({"delivery": 7, "inner": [{"email": "x", "api_key": "k"}]})
    assert scrubbed == {
        "delivery": 7,
        "inner": [{"email": "[left out]", "api_key": "[left out]"}],
    }


@pytest.fixture
def lines():
    """What is written, through the very formatter of the settings."""
    stream = StringIO()
    described = describe_logging(level="INFO", style="json")["formatters"]["line"]
    factory = described.pop("()")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(factory(**described))
    root = logging.getLogger("tests.lines")
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)


def test_a_line_is_json_without_names_of_people(lines):
    structlog.get_logger("tests.lines").info("sent", delivery=7, email="a@b.example")
    (line,) = lines()
    assert line["event"] == "sent"
    assert (line["delivery"], line["email"]) == (7, "[left out]")


def test_a_traceback_of_a_library_is_scrubbed_too(lines):
    try:
        raise ValueError("no such mailbox: ana@cliente.example")
    except ValueError:
        logging.getLogger("tests.lines").exception("refused by %s", "x@y.example")
    (line,) = lines()
    assert line["event"] == "refused by [address]"
    assert "ana@" not in json.dumps(line)
