"""The personal page, put together from what the touchpoints offer."""

from datetime import UTC, datetime

import pytest

from accounts.consent import choices
from campaigns.invitations import invite, links
from campaigns.invitations.models import Invitation
from tests.factories import UserFactory


@pytest.fixture
def visitor(client, buyer):
    """A browser in which her personal link was opened."""
    standing = invite.standing({buyer.pk: None}, datetime.now(UTC))[buyer.pk]
    url = links.address(standing.uuid, standing.generation)
    client.get(url[url.index("/i/") :])
    return client


def test_it_shows_the_way_to_the_store_her_contact_and_her_mail(visitor, buyer):
    buyer.account.rep = UserFactory(name="Luis Pérez", phone="+34 976 000 000")
    buyer.account.save()

    page = visitor.get("/me/").text

    for part in ("Ana", "Talleres Ebro SL", "Luis Pérez", "/p/", 'href="/i/"'):
        assert part in page


def test_once_accepted_it_leads_into_the_store(visitor):
    visitor.post("/i/accept")
    reference = Invitation.objects.get().reference
    assert f"invitation={reference}" in visitor.get("/me/").text


def test_it_says_that_she_gets_no_mail(visitor, buyer):
    before = visitor.get("/me/").text
    choices.object_to_marketing(buyer, choices.PAGE, "Stop", datetime.now(UTC))
    assert "no commercial messages" not in before
    assert "no commercial messages" in visitor.get("/me/").text


def test_it_shows_nothing_that_a_forwarded_link_should_not(visitor, buyer):
    page = visitor.get("/me/").text
    assert buyer.email not in page
    assert buyer.last_name not in page


def test_strangers_are_turned_away_as_everywhere(client, db):
    assert client.get("/me/").status_code == 404


def test_it_takes_few_queries(visitor, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        visitor.get("/me/")
