"""The API keeps what its description promises, whatever it is sent."""

import json

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

from accounts.journal import examples
from accounts.journal.api import EventsAnswer
from accounts.journal.models import Event
from accounts.staff import keys
from tests.factories import AccountFactory


@pytest.fixture
def application():
    """As a server calls it, within the transaction of the test."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def described(db, application):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.fixture
def secret(db):
    AccountFactory(number="104000")
    return keys.issue("Store", "store", ["events"]).secret


@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
def test_it_keeps_to_its_description(described, secret, mode):
    operation = described["/api/v1/events"]["POST"]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case):
        # An event that breaks the schema is answered in its own result, within a
        # 200: it must not hold up the others of its call.
        case.call_and_validate(
            headers={"Authorization": f"Bearer {secret}"},
            excluded_checks=[negative_data_rejection, positive_data_acceptance],
        )

    call()


@pytest.mark.parametrize("name", examples.REQUESTS)
def test_the_examples_of_the_description_work(client, secret, name):
    answer = client.post(
        "/api/v1/events",
        json.dumps(examples.REQUESTS[name]["value"]),
        content_type="application/json",
        headers={"X-API-Key": secret},
    )

    assert answer.status_code == 200
    assert answer.json()["refused"] == 0
    assert Event.objects.exists() or name == "registration"


def test_the_example_of_an_answer_is_one():
    assert EventsAnswer.model_validate(examples.ANSWER).unmatched == 1
