import json
import logging
import subprocess
import sys
from io import StringIO

import pytest
import structlog
from celery import signals
from django.conf import settings as product
from django.db import IntegrityError, transaction
from django.test import RequestFactory

from accounts.customers.models import Buyer
from onboarding import requests
from onboarding.logs import describe_logging
from onboarding.scrubbing import scrub
from tests.factories import AccountFactory


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("mail to ana@cliente.example failed", "mail to [address] failed"),
        ("GET /i/4f9sZk20aQx_81 200", "GET /i/[token] 200"),
        ("GET /u/eyJhbGciOi.J9-xY?x=1", "GET /u/[token]?[query]"),
        ("<o'brien+x@sub.cliente.example>", "<[address]>"),
        ("to ['a', 'ana@cliente.example']", "to ['a', '[address]']"),
        ('to "ana ruiz"@cliente.example now', "to [address] now"),
        ("to ana@[192.0.2.7] now", "to [address] now"),
        ("/admin/buyer/?q=ana.ruiz%40acme.example&p=2", "/admin/buyer/?[query]"),
        ("Not Found: /ana.ruiz%40acme.example", "Not Found: /[address]"),
        ("Not Found: /i//4f9sZk20aQx_81", "Not Found: /i//[token]"),
        ("Not Found: //i/4f9sZk20aQx_81", "Not Found: //i/[token]"),
        ("Not Found: /%69/4f9sZk20aQx_81", "Not Found: /i/[token]"),
        ("Not Found: /%2569/4f9sZk20aQx_81", "Not Found: /i/[token]"),
        ("Not Found: /I/4f9sZk20aQx_81", "Not Found: /I/[token]"),
        (f"Not Found: /typo/{'x1-_' * 11}", "Not Found: /typo/[token]"),
        (
            "GET /accounts/password/reset/key/3-d2x9pd-0123abcd/",
            "GET /accounts/password/reset/key/[token]/",
        ),
        (
            "GET /accounts//confirm-email/MQ:1vMfYQ:Vm3b/",
            "GET /accounts//confirm-email/[token]/",
        ),
        (f"X-API-Key onb_{'k' * 43}", "X-API-Key [key]"),
        ("50% of 100 %", "50% of 100 %"),
        ("a%20b", "a%20b"),
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


def write_down(lines, told):
    try:
        raise ValueError(told)
    except ValueError:
        logging.getLogger("tests.lines").exception("failed: %r", told)
    return json.dumps(lines(), ensure_ascii=False)


def test_rows_that_the_database_shows_in_its_errors_are_dropped(lines, db):
    account = AccountFactory()
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Buyer.objects.create(
            account=account, first_name="Ana", last_name="Ruiz\nSoto", language=None
        )
    assert "Ruiz" in str(caught.value), "PostgreSQL shows the row no more"
    error = caught.value
    try:
        raise RuntimeError("import stopped") from error
    except RuntimeError:
        logging.getLogger("tests.lines").exception("failed: %r", error)
    told = json.dumps(lines())
    for personal in ("Ana", "Ruiz", "Soto", "DETAIL"):
        assert personal not in told
    assert "null value in column" in told
    assert "import stopped" in told


@pytest.mark.parametrize(
    "told",
    [
        'bad\nDETAIL:  Key (email)=("Ruiz"@x.example) already exists.',
        "bad\nDETALLE:  La fila que falla contiene (1, Ana, Ruiz).\nSUGERENCIA: x",
        'bad\nCONTEXT:  COPY buyer, line 3: "Ana\tRuiz"',
        'invalid input syntax for type integer: "Ruiz"',
    ],
)
def test_what_else_it_quotes_is_dropped_too(lines, told):
    assert "Ruiz" not in write_down(lines, told)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (
            "/admin/customers/buyer/?q=ana.ruiz%40acme.example",
            "/admin/customers/buyer/",
        ),
        (
            "/admin/customers/buyer/7/change/?next=x",
            "/admin/customers/buyer/<path:object_id>/change/ object_id=7",
        ),
        ("/i/4f9sZk20aQx_81", "/i/<str:token>"),
        ("/t/4f9sZk20aQx_81/sessions/x", "/t/<str:token>/<path:to>"),
        ("/u/4f9sZk20aQx_81/", "/u/<str:token>/"),
        ("/i//4f9sZk20aQx_81", "/i//[token]"),
        ("/nowhere/ana.ruiz%40acme.example?q=1", "/nowhere/[address]"),
    ],
)
def test_a_request_is_told_by_its_route_and_ids(address, told):
    assert requests.tell(RequestFactory().get(address)) == told


def test_a_key_for_a_new_password_is_not_told():
    request = RequestFactory().get("/accounts/password/reset/key/3-d2x-0123abcd/?x=1")
    assert "0123abcd" not in requests.tell(request)


def test_what_a_visitor_asked_for_is_in_no_line_of_any_logger(client, db, caplog):
    caplog.set_level(logging.DEBUG)
    for address in ("/i//4f9sZk20aQx_81?q=ruiz", "/i/4f9sZk20aQx_81?q=ruiz"):
        client.get(address)
    structured = [r for r in caplog.records if r.name.startswith("onboarding")]
    described = dict(product.LOGGING["formatters"]["line"])
    formatter = described.pop("()")(**described)
    told = "\n".join(formatter.format(record) for record in caplog.records)
    assert "4f9sZk20aQx_81" not in told
    assert "ruiz" not in told
    assert structured or caplog.records


def test_workers_write_through_our_formatter():
    assert signals.setup_logging.receivers, "Celery would set up handlers of its own"


ERROR_OF_A_WORKER = """
import logging
from gunicorn.config import Config
from gunicorn.glogging import Logger
made = Logger(Config())          # its own handler, as before the application is there
import django; django.setup()
made.exception("Error handling request %s", "/i/4f9sZk20aQx_81?q=ruiz")
logging.getLogger("celery.app.trace").error("Task raised: %r", "ana@acme.example")
"""


def test_gunicorn_and_celery_write_through_our_formatter():
    finished = subprocess.run(
        [sys.executable, "-c", ERROR_OF_A_WORKER],
        cwd=product.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    told = finished.stderr
    assert "Error handling request /i/[token]" in told
    assert "Task raised: '[address]'" in told
    assert "ruiz" not in told
