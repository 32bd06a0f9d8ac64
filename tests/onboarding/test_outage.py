"""What a person and a program are told while the database is away."""

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError
from django.urls import path

from onboarding import urls

ERRORS = {
    "refused": OperationalError,
    "cut": InterfaceError,
    "ours": IntegrityError,
}


def fail(request, error):
    raise ERRORS[error]("connection to 10.0.0.7 as onboarding failed")


urlpatterns = [
    path("fail/<error>/", fail),
    path("api/fail/<error>/", fail),
    *urls.urlpatterns,
]
handler500 = urls.handler500


@pytest.fixture
def client(client, settings):
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("error", ["refused", "cut"])
def test_a_person_is_told_to_come_again_and_nothing_more(client, error):
    answer = client.get(f"/fail/{error}/")
    page = answer.content.decode()
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert answer["Cache-Control"] == "no-store"
    assert "cannot be reached" in page
    assert 'http-equiv="refresh"' in page
    assert "10.0.0.7" not in page


def test_it_is_told_in_her_language(client):
    page = client.get("/fail/refused/", headers={"accept-language": "es"})
    assert 'lang="es"' in page.content.decode()


def test_what_was_sent_is_not_sent_again_by_itself(client):
    page = client.post("/fail/refused/").content.decode()
    assert "was not saved" in page
    assert "refresh" not in page


def test_a_program_is_told_in_json(client):
    answer = client.get("/api/fail/refused/")
    assert answer.status_code == 503
    assert "again" in answer.json()["detail"]
    assert int(answer["Retry-After"]) > 0


def test_any_other_fault_is_ours_as_before(client):
    answer = client.get("/fail/ours/")
    assert answer.status_code == 500
    assert "Retry-After" not in answer


def test_when_not_even_the_session_can_be_read(client, monkeypatch, settings):
    def refuse(*_args, **_kwargs):
        raise OperationalError("refused")

    store = "django.contrib.sessions.backends.db.SessionStore.load"
    monkeypatch.setattr(store, refuse)
    client.cookies[settings.SESSION_COOKIE_NAME] = "a-session-of-hers"
    assert client.get("/admin/").status_code == 503
