"""Objecting, agreeing and taking back: history, permission, suppression in one."""

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.consent import choices, suppression
from accounts.consent.models import Choice, HistoryIsClosed, Permission, Suppression
from accounts.customers.models import Buyer
from tests.factories import BuyerFactory, PermissionFactory, UserFactory

from .conftest import LATER, NOON

# The tests themselves may empty tables; the product may not.
TRUNCATE = "SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL onboarding.history = ''; TRUNCATE "


def object_(buyer, source=choices.PAGE, at=NOON, **more):
    return choices.object_to_marketing(buyer, source, "Stop", at, **more)


def permission_of(buyer):
    return Permission.objects.get(buyer=buyer)


def test_an_objection_is_history_permission_and_suppression(buyer):
    PermissionFactory(buyer=buyer)

    assert object_(buyer)

    choice = Choice.objects.get(buyer=buyer)
    assert (choice.state, choice.wording, choice.occurred_at) == (
        "objected",
        "Stop",
        NOON,
    )
    assert not permission_of(buyer).allowed
    assert permission_of(buyer).chosen
    suppressed = Suppression.objects.get()
    assert bytes(suppressed.address_hash) == bytes(buyer.address_hash)
    assert (suppressed.scope, suppressed.reason) == ("marketing", "unsubscribed")


def test_a_repeated_objection_changes_nothing(buyer):
    object_(buyer)

    assert not object_(buyer, at=LATER)

    assert Choice.objects.count() == 1
    assert Suppression.objects.get().created_at == NOON
    assert permission_of(buyer).since == NOON


def test_an_objection_after_a_lift_suppresses_again(buyer):
    object_(buyer)
    suppression.lift(Suppression.objects.get(), "asked", at=NOON, by=UserFactory())

    assert object_(buyer, at=LATER)

    assert suppression.active(buyer.address_hash).count() == 1
    assert Choice.objects.count() == 2


def test_an_erased_buyer_can_still_object(buyer):
    Buyer.objects.filter(pk=buyer.pk).update(email="", email_key="", address_hash=None)

    assert object_(buyer)

    assert not permission_of(buyer).allowed
    assert not Suppression.objects.exists()


def test_agreeing_is_recorded_and_leaves_a_suppression_alone(buyer):
    suppression.suppress(
        buyer.address_hash, "marketing", reason="bounced", source="mail", at=NOON
    )

    choices.grant(buyer, "fair", "Yes, write to me", LATER)

    assert permission_of(buyer).allowed
    assert permission_of(buyer).basis == "consent"
    assert suppression.active(buyer.address_hash).exists()


def test_taking_back_lifts_her_own_unsubscription(buyer):
    object_(buyer, choices.ONE_CLICK)

    assert choices.take_back(buyer, "A mistake", LATER)

    assert permission_of(buyer).allowed
    assert not suppression.active(buyer.address_hash).exists()
    assert Suppression.objects.get().lift_reason
    states = Choice.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["objected", "granted"]


@pytest.mark.parametrize("reason", ["complained", "bounced", "by_hand", "erased"])
def test_no_other_suppression_is_hers_to_take_back(buyer, reason):
    object_(buyer)
    suppression.suppress(
        buyer.address_hash, "marketing", reason=reason, source="mail", at=NOON
    )

    assert not choices.take_back(buyer, "A mistake", LATER)

    assert not permission_of(buyer).allowed
    assert suppression.active(buyer.address_hash).get().reason == reason


def test_what_was_never_stopped_cannot_be_taken_back(buyer):
    assert not choices.take_back(buyer, "A mistake", NOON)
    assert not Choice.objects.exists()


def test_a_colleague_with_the_same_mailbox_is_suppressed_too(buyer):
    colleague = BuyerFactory(email=buyer.email)

    object_(buyer)

    assert suppression.active(colleague.address_hash).exists()
    assert choices.standing(colleague).stopped


def test_history_refuses_to_be_rewritten_by_the_orm(buyer):
    object_(buyer)
    choice = Choice.objects.get()

    for rewrite in (
        choice.save,
        choice.delete,
        Choice.objects.all().delete,
        lambda: Choice.objects.update(state="granted"),
    ):
        with pytest.raises(HistoryIsClosed):
            rewrite()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_choice SET state = 'granted'",
        "DELETE FROM consent_choice",
        TRUNCATE + "consent_choice",
        "DELETE FROM consent_suppression",
        TRUNCATE + "consent_suppression",
    ],
)
def test_history_refuses_to_be_rewritten_by_the_database(buyer, statement):
    object_(buyer)

    with (
        pytest.raises(DatabaseError, match="Consent is history"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert Choice.objects.get().state == "objected"
    assert Suppression.objects.exists()
