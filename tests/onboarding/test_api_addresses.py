"""A program that asks for what is not there gets an answer that it can read."""

import pytest


@pytest.mark.parametrize("path", ["/api/v1/orders", "/api/v2/events", "/api/v1/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_call_is_answered_as_json(db, client, path, method):
    answer = getattr(client, method)(path)
    assert answer.status_code == 404
    assert path in answer.json()["detail"]
