"""What a file or a call declares fills gaps, and changes nothing that is known."""

from datetime import UTC, date, datetime

import pytest

from accounts.consent import choices, declared, permissions, suppression
from accounts.consent.models import Permission
from accounts.customers import usage
from accounts.customers.models import Buyer, StagedBuyer
from accounts.customers.signals import LegalBasis, customers_written
from tests.factories import BuyerFactory

from .conftest import LATER, NOON

pytestmark = pytest.mark.django_db
STAGE = 7


def declare(basis, *buyers, at=NOON, **more):
    """As an import does that names these buyers."""
    StagedBuyer.objects.filter(stage=STAGE).delete()
    StagedBuyer.objects.bulk_create(
        StagedBuyer(stage=STAGE, line=n, number_key="x", buyer_id=buyer.pk)
        for n, buyer in enumerate(buyers)
    )
    basis = LegalBasis(basis=basis, source="import 12", **more)
    customers_written.send(sender=None, stage=STAGE, declared=basis, at=at)


def may_be_written_to(buyer):
    return Buyer.objects.filter(permissions.marketing(), pk=buyer.pk).exists()


@pytest.mark.parametrize(
    ("basis", "allowed"),
    [("existing_customer", True), ("consent", True), ("none", False)],
)
def test_the_legal_basis_decides(buyer, basis, allowed):
    declare(basis, buyer)

    permission = Permission.objects.get()
    assert permission.allowed is allowed
    assert not permission.chosen
    assert (permission.basis, permission.since) == (basis, NOON)
    assert may_be_written_to(buyer) is allowed


def test_consent_keeps_where_and_when_it_was_given(buyer):
    declare(
        "consent", buyer, consent_source="spring fair", consent_date=date(2025, 5, 3)
    )
    permission = Permission.objects.get()
    assert permission.source == "import 12: spring fair"
    assert permission.since.astimezone(UTC).date() <= date(2025, 5, 3)
    assert permission.since < NOON


def test_without_a_basis_nothing_is_permitted(buyer):
    declare("", buyer)
    assert not Permission.objects.exists()


def test_no_file_changes_what_a_buyer_chose(buyer):
    choices.object_to_marketing(buyer, choices.PAGE, "Stop", NOON)

    declare("consent", buyer, at=LATER)

    assert not may_be_written_to(buyer)
    assert Permission.objects.get().since == NOON


def test_no_file_widens_what_an_earlier_one_declared(buyer):
    declare("none", buyer)
    declare("existing_customer", buyer, at=LATER)
    assert not may_be_written_to(buyer)


def test_no_file_narrows_what_a_buyer_agreed_to(buyer):
    choices.grant(buyer, "fair", "Yes", NOON)
    declare("none", buyer, at=LATER)
    assert may_be_written_to(buyer)


def test_a_suppressed_address_stays_so_when_it_comes_again(buyer):
    suppression.suppress(
        buyer.address_hash, "marketing", reason="erased", source="erasure", at=NOON
    )
    again = BuyerFactory(email=buyer.email)

    declare("consent", again, at=LATER)

    assert not may_be_written_to(again)


def test_only_the_buyers_of_this_stage_are_meant(buyer):
    other = BuyerFactory()
    StagedBuyer.objects.create(stage=8, line=1, number_key="x", buyer_id=other.pk)
    declare("consent", buyer)
    assert list(Permission.objects.values_list("buyer", flat=True)) == [buyer.pk]


def test_a_whole_file_is_one_statement(django_assert_num_queries):
    buyers = BuyerFactory.create_batch(5)
    StagedBuyer.objects.bulk_create(
        StagedBuyer(stage=STAGE, line=n, number_key="x", buyer_id=buyer.pk)
        for n, buyer in enumerate([*buyers, *buyers])
    )
    basis = LegalBasis(basis="existing_customer", source="import 12")
    with django_assert_num_queries(1):
        assert declared.declare(STAGE, basis, datetime.now(UTC)) == 5


def test_who_has_chosen_stays_when_an_import_is_undone(buyer):
    silent = BuyerFactory()
    declare("consent", buyer, silent)
    choices.object_to_marketing(buyer, choices.PAGE, "Stop", NOON)
    assert usage.used("buyer", [buyer.pk, silent.pk]) == {buyer.pk}
    assert usage.used("account", [buyer.account_id]) == set()
