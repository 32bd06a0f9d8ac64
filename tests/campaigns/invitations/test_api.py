"""What the store learns by the reference with which a buyer arrives."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from accounts.staff import keys
from campaigns.invitations import answers, invite, named

from .conftest import NOON


@pytest.fixture
def ask(client, db):
    """Ask as the store does, with a key of these scopes."""

    def ask(reference, scopes=("read",)):
        secret = keys.issue("Store", "store", scopes).secret
        return client.get(
            f"/api/v1/invitations/{reference}",
            headers={"authorization": f"Bearer {secret}"},
        )

    return ask


def test_the_store_learns_whom_it_is_for(ask, invitation, buyer):
    answers.accept(invitation, NOON)

    answer = ask(invitation.reference)

    assert answer.status_code == 200
    assert answer.json() == {
        "reference": str(invitation.reference),
        "accepted_at": "2026-03-02T12:00:00Z",
        "account": {"number": buyer.account.number, "name": "Talleres Ebro SL"},
        "buyer": {
            "email": "ana@ebro.example",
            "external_id": "",
            "first_name": "Ana",
            "last_name": buyer.last_name,
            "phone": "",
            "language": "en",
        },
    }


@pytest.mark.parametrize("reference", ["unknown", "garbled", "revoked"])
def test_what_does_not_stand_is_not_found(ask, invitation, reference):
    if reference == "revoked":
        invite.revoke(invitation, datetime.now(UTC))
    asked = {
        "unknown": uuid4(),
        "garbled": "x' OR 1=1",
        "revoked": invitation.reference,
    }
    assert ask(asked[reference]).status_code == 404


def test_only_a_key_that_may_read(ask, client, invitation):
    assert ask(invitation.reference, ["events", "customers"]).status_code == 403
    bare = client.get(f"/api/v1/invitations/{invitation.reference}")
    assert bare.status_code == 401
    assert "ebro" not in bare.text


def test_the_token_of_the_link_is_no_reference(ask, invitation):
    assert ask(invitation.uuid).status_code == 404


def test_reading_records_nothing(ask, invitation, django_assert_max_num_queries):
    ask(invitation.reference)
    invitation.refresh_from_db()
    assert invitation.seen_at is None


def test_events_can_name_a_buyer_by_the_reference(invitation, buyer):
    reference = str(invitation.reference)
    found = named.resolve([reference, reference.upper(), str(uuid4()), "x"])
    assert found == {
        reference: (buyer.account_id, buyer.pk),
        reference.upper(): (buyer.account_id, buyer.pk),
    }
