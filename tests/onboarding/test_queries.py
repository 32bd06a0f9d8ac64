"""A NUL in an address is answered and reaches no database."""

import pytest
from django.test import RequestFactory

from onboarding.queries import QueryMiddleware


@pytest.mark.parametrize("query", ["q=%00", "kind=a%00b", "state__exact=%00"])
def test_it_is_turned_away(admin_client, query):
    answer = admin_client.get(f"/admin/journal/event/?{query}")
    assert answer.status_code == 400
    assert "damaged" in answer.content.decode()


@pytest.mark.parametrize("page", ["journal/event", "campaign_messages/outboxmail"])
def test_a_year_beyond_counting_is_turned_away(admin_client, page):
    field = "occurred_at" if "event" in page else "created_at"
    answer = admin_client.get(f"/admin/{page}/?{field}__year=99999999999")
    assert answer.status_code == 400


def test_a_fault_of_ours_stays_one():
    def fail(request):
        raise OverflowError

    middleware, request = QueryMiddleware(fail), RequestFactory().get("/admin/")
    assert middleware.process_exception(request, OverflowError()) is None


def test_everything_else_passes(admin_client):
    assert admin_client.get("/admin/journal/event/?q=100%25").status_code == 200
