"""Many people of one company who unsubscribe at once: somebody should look."""

from datetime import timedelta

import pytest

from accounts.consent import choices
from accounts.journal import clock
from campaigns.feedback import waves
from tests.campaigns.sequences.scenes import make_people
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def leave(people, minutes_apart, source=choices.ONE_CLICK):
    at = clock.now() - timedelta(hours=12)
    for place, buyer in enumerate(people):
        moment = at + timedelta(minutes=place * minutes_apart)
        choices.object_to_marketing(buyer, source, "List-Unsubscribe", moment)


def test_five_of_one_domain_within_an_hour_are_a_wave():
    leave(make_people(5), 5)
    (wave,) = waves.find(clock.now())
    assert (wave.domain, wave.people) == ("company.example", 5)


@pytest.mark.parametrize(
    ("number", "apart", "source"),
    [
        (4, 5, choices.ONE_CLICK),
        (6, 25, choices.ONE_CLICK),
        (6, 1, "rang us on Monday"),
    ],
)
def test_fewer_or_slower_or_told_by_staff_are_none(number, apart, source):
    leave(make_people(number), apart, source)
    assert not waves.find(clock.now())


def test_of_several_companies_together_they_are_none():
    people = make_people(6)
    for place, buyer in enumerate(people):
        buyer.email = f"ana@company{place}.example"
        buyer.save()
    leave(people, 1)
    assert not waves.find(clock.now())


def test_an_old_wave_is_not_told_of_for_ever():
    leave(make_people(5), 5)
    assert not waves.find(clock.now() + timedelta(days=8))


def test_marketing_reads_of_it_on_the_first_page(client):
    leave(make_people(5), 5)
    client.force_login(UserFactory())
    page = client.get("/admin/", follow=True).text
    assert "5 people at company.example unsubscribed within an hour" in page
