"""A playbook lays out a whole draft, and its messages only once."""

import pytest

from campaigns.messages.models import Brand, Message
from campaigns.sequences.audiences import conditions
from campaigns.sequences.models import Campaign
from campaigns.sequences.planning import drafts, playbooks

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand():
    return Brand.objects.create(
        name="Example",
        sender_name="Example",
        sender_email="hello@example.com",
        postal_address="1 Example Street",
        is_default=True,
    )


@pytest.mark.usefixtures("brand")
def test_a_playbook_makes_a_draft_with_its_steps_and_their_messages():
    campaign = playbooks.apply(playbooks.FIRST_ORDER, "Autumn")

    steps = list(drafts.steps_of(campaign))
    assert campaign.state == Campaign.State.DRAFT
    assert [step.message.starter for step in steps] == [
        "invitation.invitation",
        "invitation.invitation_reminder",
        "invitation.first_order",
    ]
    assert all(step.message.texts.count() == 2 for step in steps)
    assert [bool(step.only_if) for step in steps] == [False, True, True]


@pytest.mark.usefixtures("brand")
def test_a_second_campaign_finds_the_messages_as_they_were_changed():
    playbooks.apply(playbooks.FIRST_ORDER, "Autumn")
    changed = Message.objects.order_by("pk").first()
    changed.texts.update(subject="Ours")

    playbooks.apply(playbooks.FIRST_ORDER, "Winter")

    assert Message.objects.count() == 3
    assert set(changed.texts.values_list("subject", flat=True)) == {"Ours"}


def test_without_a_brand_nothing_is_made():
    with pytest.raises(playbooks.NoBrand):
        playbooks.apply(playbooks.FIRST_ORDER, "Autumn")
    assert not Campaign.objects.exists()


@pytest.mark.usefixtures("brand")
def test_every_playbook_can_be_laid_out_and_asks_what_exists():
    """Walks the registry: messages that nobody ships, conditions that nobody knows."""
    for playbook in playbooks.PLAYBOOKS:
        campaign = playbooks.apply(playbook, "Try")
        assert conditions.problems(campaign.audience) == [], playbook.slug
        for step in drafts.steps_of(campaign):
            assert conditions.problems(step.only_if) == [], step.name
