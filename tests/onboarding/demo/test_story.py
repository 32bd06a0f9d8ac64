"""The demonstration fills every page, and telling it again changes nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.customers.models import Account, Buyer, CustomerImport
from accounts.journal.models import AccountProgress, Event, EventInbox, EventPoison
from campaigns.feedback import figures, noticed
from campaigns.feedback.figures import What
from campaigns.feedback.models import Gateway, Post, Report
from campaigns.sequences import arming
from campaigns.sequences.models import Campaign, Delivery
from campaigns.training.models import Seat
from onboarding import demo
from onboarding.demo import readers, story
from onboarding.demo.simulation import Stuck

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(story, "COMPANIES", 40)


@pytest.fixture
def told(small, monkeypatch):
    # So few companies, and yet some of each kind.
    monkeypatch.setattr(readers, "AGREE", 0.8)
    monkeypatch.setattr(readers, "GATEWAYS", 2)
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


def test_where_nothing_goes_out_it_ends_and_says_why(small, monkeypatch):
    monkeypatch.setattr(arming, "is_armed", lambda: False)
    with pytest.raises(Stuck, match="does not go out: disarmed"):
        demo.load(NOW)


def test_nobody_in_it_is_real(told):
    addresses = Buyer.objects.exclude(email="").values_list("email", flat=True)
    assert all(address.endswith(".example") for address in addresses)


def test_telling_it_again_changes_nothing(told):
    before = (Account.objects.count(), Event.objects.count(), Delivery.objects.count())
    assert demo.load(NOW) == told
    after = (Account.objects.count(), Event.objects.count(), Delivery.objects.count())
    assert after == before


def test_openings_and_clicks_of_people_and_machines_are_among_it(told):
    measuring = Campaign.objects.filter(measures=True)
    assert measuring.count() == 2
    counts = figures.total(
        counts for one in measuring for counts in figures.by_step(one).values()
    )
    assert 0 < counts.measured < counts.sent
    assert all(counts.of(what) for what in What)
    assert counts.opened > counts.clicked
    for willing in map(figures.willing, measuring):
        assert 0 < willing["agreed"] < willing["people"]
    assert not Report.objects.filter(occurred_at__gt=NOW).exists()
    assert set(Post.objects.values_list("state", flat=True)) == {Post.State.READ}


def test_what_machines_did_came_in_like_what_people_did(told):
    assert set(Post.objects.values_list("provider", flat=True)) == {noticed.OWN}
    assert Post.objects.count() >= Report.objects.count()
    assert Gateway.objects.filter(swept__gt=0).exists()
    assert not Report.objects.exclude(delivery__measured__isnull=False).exists()
