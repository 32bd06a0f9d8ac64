"""A NUL in an address is answered and reaches no database."""

import pytest


@pytest.mark.parametrize("query", ["q=%00", "kind=a%00b", "state__exact=%00"])
def test_it_is_turned_away(admin_client, query):
    answer = admin_client.get(f"/admin/journal/event/?{query}")
    assert answer.status_code == 400
    assert "damaged" in answer.content.decode()


def test_everything_else_passes(admin_client):
    assert admin_client.get("/admin/journal/event/?q=100%25").status_code == 200
