"""The demonstration fills every page, and telling it again changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.customers.models import Account, Buyer, CustomerImport
from accounts.journal.models import AccountProgress, Event, EventInbox, EventPoison
from campaigns.sequences.models import Campaign, Delivery
from campaigns.training.models import Seat
from onboarding import demo
from onboarding.demo import story

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setattr(story, "COMPANIES", 40)
    return demo.load(NOW)


def test_every_page_has_something_to_show(told):
    assert Account.objects.count() == 40
    assert Buyer.objects.count() > 60
    assert set(CustomerImport.objects.values_list("state", flat=True)) == {
        "applied",
        "checked",
    }
    assert set(Campaign.objects.values_list("state", flat=True)) == {
        "running",
        "draft",
    }
    assert Delivery.objects.filter(state="sent").count() > 20
    assert AccountProgress.objects.filter(online_count__gt=0).exists()
    assert AccountProgress.objects.filter(offline_count__gt=0).exists()
    assert set(Seat.objects.values_list("state", flat=True)) >= {
        *("booked", "waiting", "attended", "no_show")
    }
    assert not EventInbox.objects.exists()
    assert not EventPoison.objects.exists()


def test_nothing_in_it_lies_ahead(told):
    assert not Event.objects.filter(occurred_at__gt=NOW).exists()
    assert not Delivery.objects.filter(sent_at__gt=NOW + timedelta(minutes=5)).exists()


def test_nobody_in_it_is_real(told):
    addresses = Buyer.objects.exclude(email="").values_list("email", flat=True)
    assert all(address.endswith(".example") for address in addresses)


def test_telling_it_again_changes_nothing(told):
    before = (Account.objects.count(), Event.objects.count(), Delivery.objects.count())
    assert demo.load(NOW) == told
    after = (Account.objects.count(), Event.objects.count(), Delivery.objects.count())
    assert after == before
