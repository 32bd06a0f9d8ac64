"""A restored backup is told whom it must not know any more."""

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.consent import suppression
from accounts.consent.privacy.erase import erase
from accounts.customers.models import Buyer
from tests.factories import BuyerFactory

from .conftest import AT


@pytest.fixture
def listed(person, tmp_path):
    """The list as it was written before the database was put back to yesterday."""
    path, address_hash = tmp_path / "erased.jsonl", bytes(person.address_hash)
    with transaction.atomic(), path.open("w") as file:
        erase(person, reason="request", by=None, at=AT, leave_alone=True)
        call_command("erasures", stdout=file)
        transaction.set_rollback(True)
    assert not suppression.active(address_hash).exists()
    return path


def test_the_list_names_nobody(listed, person):
    told = listed.read_text()

    assert str(person.uuid) in told
    for name in (person.email, person.first_name, person.phone):
        assert name.lower() not in told.lower()


def test_they_are_erased_again_and_nobody_else(listed, person, capsys):
    other, address_hash = BuyerFactory(), bytes(person.address_hash)

    call_command("erasures", "--again", str(listed))
    call_command("erasures", "--again", str(listed))

    assert capsys.readouterr().out == "Erased again: 1.\nErased again: 0.\n"
    assert Buyer.objects.get(pk=person.pk).erased_at
    assert Buyer.objects.get(pk=other.pk).erased_at is None
    assert suppression.active(address_hash).exists()


def test_what_is_no_list_changes_nothing(person, tmp_path):
    path = tmp_path / "nonsense"
    path.write_text("nonsense")

    with pytest.raises(CommandError, match="cannot be read"):
        call_command("erasures", "--again", str(path))

    assert Buyer.objects.get(pk=person.pk).erased_at is None
