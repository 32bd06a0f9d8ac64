"""What the invitation declares of itself holds true."""

import pytest
from django.template.loader import get_template

from accounts.customers.models import Buyer
from accounts.journal import kinds
from campaigns.invitations import answers, cards, handover
from campaigns.invitations.touchpoint import touchpoint
from campaigns.messages import publish, starters
from campaigns.messages.models import Brand
from campaigns.sequences.models import Enrolment
from tests.factories import BuyerFactory

from .conftest import LATER, NOON, invite_, recipient

pytestmark = pytest.mark.django_db


@pytest.fixture
def brand():
    return Brand.objects.create(
        name="Duero",
        sender_name="Duero",
        sender_email="hello@duero.example",
        postal_address="1 Street",
        is_default=True,
    )


@pytest.mark.parametrize("starter", touchpoint.starters, ids=lambda one: one.slug)
def test_every_starter_can_be_published_as_it_is(brand, starter):
    message = starters.add(
        starter.slug,
        str(starter.label),
        starter.texts,
        service=starter.service,
        touchpoint=touchpoint.slug,
        brand=brand,
    )
    version = publish.publish(message, None, NOON)
    assert {text.language for text in version.texts.all()} == {"en", "es"}
    for text in version.texts.all():
        assert "links.invitation" in text.html or "{{" in text.html


def test_every_stage_has_a_column():
    columns = {field.name for field in Enrolment._meta.get_fields()}
    assert {stage.column for stage in touchpoint.stages} <= columns


def test_every_kind_is_known_to_the_journal():
    assert {kind.slug for kind in touchpoint.kinds} <= set(kinds.known())


def test_every_card_has_its_template():
    for card in touchpoint.cards:
        assert get_template(card.template)


def test_the_sample_link_leads_to_a_page(client, brand):
    (link,) = touchpoint.links
    path = link.sample()[link.sample().index("/i/") :]
    assert client.get(path).status_code == 200


def who(slug, at=LATER):
    (condition,) = [one for one in touchpoint.conditions if one.slug == slug]
    return set(Buyer.objects.filter(condition.q(True, at)))


def test_conditions_tell_apart_how_far_buyers_have_come():
    told, looked, agreed, other = BuyerFactory.create_batch(4)
    for buyer in (told, looked, agreed):
        invitation = invite_(buyer)
        handover.note([recipient(buyer)], NOON)
        if buyer == looked:
            answers.see(invitation, NOON)
        if buyer == agreed:
            answers.accept(invitation, NOON)

    assert who("invited") == {told, looked, agreed}
    assert who("seen") == {looked, agreed}
    assert who("accepted") == {agreed}
    assert other not in who("invited")
    assert who("accepted", at=NOON.replace(year=2025)) == set()


def test_who_has_no_invitation_sees_no_card(buyer):
    assert cards.describe(buyer, NOON) is None
