"""Leaving an address alone, and lifting that."""

import pytest
from django.db import IntegrityError, transaction

from accounts.consent import suppression
from accounts.consent.models import Suppression
from tests.factories import UserFactory

from .conftest import LATER, NOON

pytestmark = pytest.mark.django_db
ADDRESS = b"\x01" * 32
OTHER = b"\x02" * 32


def suppress(reason="unsubscribed", scope="marketing", address=ADDRESS, at=NOON):
    return suppression.suppress(address, scope, reason=reason, source="test", at=at)


def test_twice_is_one_row():
    assert suppress()
    assert not suppress(at=LATER)
    assert Suppression.objects.get().created_at == NOON


def test_a_stronger_reason_replaces_a_weaker_one():
    suppress("unsubscribed")

    assert suppress("complained")

    assert Suppression.objects.get().reason == "complained"


def test_a_weaker_reason_leaves_a_stronger_one():
    suppress("complained")

    assert not suppress("unsubscribed")

    assert Suppression.objects.get().reason == "complained"


def test_scopes_are_separate():
    suppress(scope="marketing")
    suppress(scope="all")
    assert suppression.active(ADDRESS).count() == 2


def test_many_are_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        news = suppression.suppress_many(
            [ADDRESS, OTHER, ADDRESS], "all", reason="bounced", source="mail", at=NOON
        )
    assert news == 2


def test_it_is_lifted_by_a_person_with_a_reason():
    suppress()
    marketer = UserFactory()

    assert suppression.lift(
        Suppression.objects.get(), "She rang", at=LATER, by=marketer
    )

    lifted = Suppression.objects.get()
    assert (lifted.lifted_at, lifted.lifted_by, lifted.lift_reason) == (
        LATER,
        marketer,
        "She rang",
    )
    assert not suppression.active(ADDRESS).exists()


def test_lifting_twice_does_it_once():
    suppress()
    row = Suppression.objects.get()
    suppression.lift(row, "She rang", at=NOON, by=UserFactory())

    assert not suppression.lift(row, "Again", at=LATER, by=UserFactory())

    assert Suppression.objects.get().lift_reason == "She rang"


def test_nothing_is_lifted_without_a_reason():
    suppress()
    with pytest.raises(ValueError, match="reason"):
        suppression.lift(Suppression.objects.get(), "  ", at=NOON, by=UserFactory())
    with pytest.raises(IntegrityError), transaction.atomic():
        Suppression.objects.update(lifted_at=LATER)


def test_a_lifted_address_can_be_suppressed_again():
    suppress()
    suppression.lift(Suppression.objects.get(), "She rang", at=NOON, by=UserFactory())

    assert suppress("complained", at=LATER)

    assert Suppression.objects.count() == 2
