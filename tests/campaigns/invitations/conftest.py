"""The people and the times of the invitation's tests."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from campaigns.invitations import invite, links
from campaigns.invitations.models import Invitation
from campaigns.sequences.touchpoints import Recipient
from tests.factories import AccountFactory, BuyerFactory, UserFactory

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=1)


@pytest.fixture
def buyer(db):
    rep = UserFactory(name="Luis Pérez", role="sales_rep", phone="+34 976 000 000")
    account = AccountFactory(name="Talleres Ebro SL", rep=rep)
    return BuyerFactory(account=account, first_name="Ana", email="ana@ebro.example")


@pytest.fixture
def invitation(buyer):
    return invite_(buyer)


def invite_(buyer, at=None):
    """An invitation that is valid now, as pages ask the database for the time."""
    invite.standing({buyer.pk: None}, at or datetime.now(UTC))
    return Invitation.objects.get(buyer=buyer, revoked_at=None)


def link_of(invitation):
    """The path of the personal link."""
    url = links.address(invitation.uuid, invitation.generation)
    return url[url.index("/i/") :]


def recipient(buyer, campaign_id=None, number=1):
    return Recipient(
        delivery_id=number,
        delivery_uuid=uuid4(),
        buyer_id=buyer.pk,
        buyer_uuid=buyer.uuid,
        account_id=buyer.account_id,
        campaign_id=campaign_id,
        language="en",
    )
