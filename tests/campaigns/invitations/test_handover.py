"""Invited: from the first hand-over of a mail with the link, once per invitation."""

from accounts.journal.models import Event, EventConflict
from campaigns.invitations import handover, invite, links
from campaigns.invitations.models import Invitation
from tests.factories import BuyerFactory

from .conftest import LATER, NOON, recipient


def test_the_first_hand_over_invites(buyer, invitation):
    mail = recipient(buyer)

    assert handover.note([mail], NOON) == 1

    event = Event.objects.get()
    assert (event.kind, event.buyer_id) == ("invited", buyer.pk)
    assert event.occurred_at == NOON
    assert event.cause == f"delivery:{mail.delivery_uuid}"
    assert Invitation.objects.get().sent_at == NOON


def test_a_reminder_does_not_invite_again(buyer, invitation):
    handover.note([recipient(buyer)], NOON)

    assert handover.note([recipient(buyer)], LATER) == 0

    assert Event.objects.count() == 1
    assert Invitation.objects.get().sent_at == NOON
    assert not EventConflict.objects.exists()


def test_a_chunk_takes_a_fixed_number_of_statements(db, django_assert_max_num_queries):
    buyers = BuyerFactory.create_batch(20)
    invite.standing({buyer.pk: None for buyer in buyers}, NOON)
    mails = [recipient(buyer, number=n) for n, buyer in enumerate(buyers)]

    with django_assert_max_num_queries(10):
        assert handover.note(mails, NOON) == 20


def test_a_mail_that_left_before_it_was_revoked_has_invited(buyer, invitation):
    invite.revoke(invitation, NOON)
    assert handover.note([recipient(buyer)], LATER) == 1


def test_only_the_newest_of_her_invitations_counts(buyer, invitation):
    invite.revoke(invitation, NOON)
    invite.standing({buyer.pk: None}, NOON)

    handover.note([recipient(buyer)], LATER)

    sent = Invitation.objects.filter(sent_at__isnull=False)
    assert list(sent) == [Invitation.objects.get(revoked_at=None)]


def test_links_of_a_chunk_belong_to_their_buyers(db):
    one, other = BuyerFactory.create_batch(2)
    found = links.urls([recipient(one, number=1), recipient(other, number=2)])

    for number, buyer in ((1, one), (2, other)):
        claim = links.read(found[number].rsplit("/", 1)[1])
        assert Invitation.objects.get(uuid=claim.subject).buyer == buyer


def test_two_mails_to_one_buyer_carry_the_same_link(buyer):
    found = links.urls([recipient(buyer, number=1), recipient(buyer, number=2)])
    assert found[1] == found[2]
