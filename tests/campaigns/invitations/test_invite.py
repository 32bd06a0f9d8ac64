"""One standing invitation per buyer: made, kept valid, withdrawn."""

from datetime import timedelta

import pytest

from campaigns.invitations import invite
from campaigns.invitations.models import Invitation
from tests.factories import BuyerFactory
from tests.races import at_once

from .conftest import LATER, NOON


def stand(buyer, at=NOON, campaign=None):
    return invite.standing({buyer.pk: campaign}, at)[buyer.pk]


def is_valid(standing, at):
    found = Invitation.objects.valid(at)
    return found.filter(uuid=standing.uuid, generation=standing.generation).exists()


def test_a_buyer_gets_one(buyer):
    first = stand(buyer)
    again = stand(buyer, LATER)
    assert first == again
    assert Invitation.objects.count() == 1


def test_how_long_it_opens_is_set(buyer, settings):
    settings.INVITATION_DAYS = 7
    standing = stand(buyer)
    assert is_valid(standing, NOON + timedelta(days=6))
    assert not is_valid(standing, NOON + timedelta(days=7))


def test_a_whole_chunk_is_two_statements_and_then_one(db, django_assert_num_queries):
    buyers = BuyerFactory.create_batch(5)
    with django_assert_num_queries(2):
        found = invite.standing({buyer.pk: None for buyer in buyers}, NOON)
    with django_assert_num_queries(1):
        again = invite.standing({buyer.pk: None for buyer in buyers}, NOON)
    assert found == again
    assert set(found) == {buyer.pk for buyer in buyers}
    assert len({each.uuid for each in found.values()}) == 5


def test_every_mail_prolongs_it(buyer):
    first = stand(buyer)
    stand(buyer, LATER)
    assert is_valid(first, NOON + invite.valid_for())
    assert not is_valid(first, LATER + invite.valid_for())


def test_a_link_that_expired_stays_dead(buyer):
    first = stand(buyer)
    again = stand(buyer, NOON + invite.valid_for())
    assert again.uuid == first.uuid
    assert again.generation == first.generation + 1


def test_a_link_to_an_address_she_has_no_more_is_dead(buyer):
    first = stand(buyer)

    buyer.email = "ana@elsewhere.example"
    buyer.save()
    assert not is_valid(first, NOON)

    again = stand(buyer)
    assert is_valid(again, NOON)
    assert not is_valid(first, NOON)


def test_a_letter_knows_no_address_and_does_not_expire(buyer):
    Invitation.objects.create(
        buyer=buyer, account=buyer.account, channel="letter", expires_at=None
    )
    found = stand(buyer)
    assert found.generation == 1
    assert is_valid(found, NOON + timedelta(days=3650))


def test_an_inactive_buyer_is_let_in_nowhere(buyer):
    found = stand(buyer)
    buyer.active = False
    buyer.save()
    assert not is_valid(found, NOON)


def test_a_revoked_one_makes_room_for_another(buyer):
    first = stand(buyer)
    assert invite.revoke(Invitation.objects.get(), NOON)
    assert not invite.revoke(Invitation.objects.get(), LATER)

    again = stand(buyer, LATER)

    assert again.uuid != first.uuid
    assert not is_valid(first, LATER)
    assert is_valid(again, LATER)


def test_who_was_not_found_is_not_invited(db):
    assert invite.standing({404: None}, NOON) == {}


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one(buyer):
    found = at_once(lambda: stand(buyer))

    assert len(set(found)) == 1
    assert Invitation.objects.count() == 1
