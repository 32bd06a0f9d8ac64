"""Seeing and accepting an invitation: once each, also of two at once."""

from threading import Barrier

import pytest

from accounts.journal.models import Event, EventConflict
from campaigns.invitations import answers, invite
from campaigns.invitations.models import Invitation
from campaigns.sequences.models import Campaign
from tests.races import at_once

from .conftest import LATER, NOON


def kinds():
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


def test_accepting_is_recorded_and_so_is_having_seen_it(invitation):
    assert answers.accept(invitation, NOON)

    invitation.refresh_from_db()
    assert (invitation.seen_at, invitation.accepted_at) == (NOON, NOON)
    assert kinds() == ["seen", "accepted"]
    event = Event.objects.get(kind="accepted")
    assert (event.buyer_id, event.account_id, event.occurred_at) == (
        invitation.buyer_id,
        invitation.account_id,
        NOON,
    )


def test_accepting_again_changes_nothing(invitation):
    answers.accept(invitation, NOON)

    assert not answers.accept(invitation, LATER)

    invitation.refresh_from_db()
    assert invitation.accepted_at == NOON
    assert kinds() == ["seen", "accepted"]
    assert not EventConflict.objects.exists()


def test_seen_is_recorded_once_and_keeps_its_first_time(invitation):
    assert answers.see(invitation, NOON)
    assert not answers.see(invitation, LATER)
    answers.accept(invitation, LATER)

    invitation.refresh_from_db()
    assert (invitation.seen_at, invitation.accepted_at) == (NOON, LATER)
    assert kinds() == ["seen", "accepted"]


def test_a_revoked_invitation_takes_no_answer(invitation):
    invite.revoke(invitation, NOON)

    assert not answers.accept(invitation, LATER)

    assert kinds() == []


def test_the_event_names_the_campaign_that_invited_her(buyer):
    campaign = Campaign.objects.create(name="Spring")
    invite.standing({buyer.pk: campaign.pk}, NOON)

    answers.see(buyer.invitations.get(), NOON)

    assert Event.objects.get().cause == f"campaign:{campaign.pk}"


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_are_one_acceptance(invitation):
    assert sorted(at_once(lambda: answers.accept(invitation, NOON))) == [False, True]
    assert kinds() == ["seen", "accepted"]


@pytest.mark.django_db(transaction=True)
def test_without_the_guard_they_would_be_two(invitation, monkeypatch):
    """The negative control: what reads first and writes then, lets both in."""
    read = Barrier(2)

    def read_then_write(invitation, column, at):
        fresh = Invitation.objects.get(pk=invitation.pk)
        if getattr(fresh, column) is not None:
            return False
        read.wait(timeout=10)
        Invitation.objects.filter(pk=invitation.pk).update(**{column: at})
        return True

    answers.see(invitation, NOON)
    monkeypatch.setattr(answers, "_first", read_then_write)

    assert at_once(lambda: answers.accept(invitation, NOON)) == [True, True]
