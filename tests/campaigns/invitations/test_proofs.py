"""The audit finds an invitation of which the journal knows nothing."""

from campaigns.invitations import answers, handover, proofs
from campaigns.invitations.models import Invitation

from .conftest import NOON, recipient


def test_what_went_its_way_is_in_order(buyer, invitation):
    handover.note([recipient(buyer)], NOON)
    answers.accept(invitation, NOON)
    assert proofs._untold(NOON).count == 0


def test_what_went_past_the_journal_is_found(invitation):
    Invitation.objects.update(accepted_at=NOON)
    found = proofs._untold(NOON)
    assert found.count == 1
    assert found.examples == (f"invitation {invitation.pk}: accepted",)
