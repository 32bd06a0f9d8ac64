"""Pages for what went wrong: in the visitor's language, saying what to do."""

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_protect

from onboarding.urls import urlpatterns as products


def fail(request, how):
    raise {"400": BadRequest, "403": PermissionDenied, "500": RuntimeError}[how]


@csrf_protect
def form(request):
    return HttpResponse("sent")


urlpatterns = [
    path("fail/<str:how>", fail),
    path("form", form),
    *products,
]


@pytest.fixture
def visitor(settings):
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False, enforce_csrf_checks=True)


PAGES = {
    "/fail/400": 400,
    "/fail/403": 403,
    "/fail/500": 500,
    "/nothing/here": 404,
    "/form": 403,
}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("address", "status"), PAGES.items())
def test_each_has_a_page_of_its_own(visitor, address, status, language):
    deed = visitor.post if address == "/form" else visitor.get
    answer = deed(address, headers={"accept-language": language})

    assert answer.status_code == status
    assert f'<html lang="{language}">' in answer.text
    assert "public.css" in answer.text
    assert "Traceback" not in answer.text
    assert "RuntimeError" not in answer.text


def test_the_page_for_our_own_failure_needs_no_database(visitor):
    """Also where the database is what failed; this test may not ask it."""
    answer = visitor.get("/fail/500")
    assert answer.status_code == 500
    assert "nothing happens twice" in answer.text
