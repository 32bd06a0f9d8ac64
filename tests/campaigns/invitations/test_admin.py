"""Invitations in the admin."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.invitations.models import Invitation
from tests.factories import UserFactory

URL = "/admin/invitations/invitation/"


@pytest.fixture
def marketer(client, db):
    client.force_login(UserFactory(role="marketing_manager"))
    return client


def test_the_list_says_how_each_one_stands(marketer, invitation):
    assert "Valid" in marketer.get(URL).text
    Invitation.objects.update(expires_at=datetime.now(UTC) - timedelta(days=1))
    assert "Expired" in marketer.get(URL).text


def test_no_page_shows_a_link(marketer, invitation):
    for path in (URL, f"{URL}{invitation.pk}/change/"):
        answer = marketer.get(path)
        assert answer.status_code == 200
        assert str(invitation.uuid) not in answer.text
        assert "/i/" not in answer.text


def revoke(client, invitation, **more):
    chosen = {"action": "revoke", "_selected_action": [invitation.pk]}
    return client.post(URL, chosen | {"confirm": "1"} | more, follow=True)


def test_it_is_asked_with_names_before_anything_is_withdrawn(marketer, invitation):
    chosen = {"action": "revoke", "_selected_action": [invitation.pk]}
    page = marketer.post(URL, chosen)
    assert invitation.buyer.email in page.text
    assert f'name="_selected_action" value="{invitation.pk}"' in page.text
    invitation.refresh_from_db()
    assert not invitation.revoked_at


def test_a_marketing_manager_withdraws_one(marketer, invitation):
    assert "withdrawn" in revoke(marketer, invitation).text
    invitation.refresh_from_db()
    assert invitation.revoked_at


def test_an_editor_may_look_and_no_more(client, invitation):
    client.force_login(UserFactory(role="marketing_editor"))
    assert client.get(URL).status_code == 200
    revoke(client, invitation)
    invitation.refresh_from_db()
    assert not invitation.revoked_at


def test_a_sales_rep_may_not_look(client, invitation):
    client.force_login(UserFactory(role="sales_rep"))
    assert client.get(URL).status_code != 200


def test_a_page_of_them_takes_few_queries(
    marketer, invitation, django_assert_max_num_queries
):
    with django_assert_max_num_queries(12):
        marketer.get(URL)
