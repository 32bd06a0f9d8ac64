"""Booked and attended beside the funnel of campaigns that are about training."""

from datetime import timedelta

import pytest

from campaigns.adoption import listings, names
from campaigns.adoption.frames import Frame, Unit
from campaigns.adoption.funnel import funnel
from campaigns.messages.models import Brand, Message, MessageText
from campaigns.sequences.models import Campaign, CampaignVersion, Enrolment, Step
from campaigns.training import seats
from tests.campaigns.training.scenes import (
    DAY,
    NOON,
    STARTS,
    book,
    by_staff,
    make_session,
    seat_of,
)
from tests.factories import BuyerFactory

pytestmark = pytest.mark.django_db
LATER = STARTS + 5 * DAY


def make_campaign(body="{{ links.training }}", *, anchor="", entry=""):
    campaign = Campaign.objects.create(name="Learn", entry=entry)
    version = CampaignVersion.objects.create(campaign=campaign)
    brand = Brand.objects.first() or Brand.objects.create(name="Store")
    message = Message.objects.create(name=f"About {body} {anchor}", brand=brand)
    MessageText.objects.create(message=message, language="en", subject="Hi", body=body)
    Step.objects.create(version=version, message=message, anchor=anchor)
    return campaign


def enrol(campaign, buyer=None, sent=NOON - DAY, **fields):
    buyer = buyer or BuyerFactory()
    return Enrolment.objects.create(
        campaign=campaign,
        version=campaign.versions.get(),
        account=buyer.account,
        buyer=buyer,
        sent_at=sent,
        **fields,
    )


def frame(campaign):
    return Frame(LATER, campaign_id=campaign.pk)


def beside(campaign, unit=Unit.BUYER):
    found = funnel(frame(campaign), unit)
    return {one.reached.slug.split(".")[2]: one.reached.count for one in found.beside}


@pytest.mark.parametrize(
    ("made", "has"),
    [
        ({}, True),
        ({"body": "Read this", "anchor": "training.start"}, True),
        ({"body": "Read this", "entry": "training.booked"}, True),
        ({"body": "{{ links.invitation }} and training"}, False),
    ],
)
def test_only_campaigns_about_training_have_the_bars(made, has):
    campaign = make_campaign(**made)
    enrol(campaign)
    assert bool(beside(campaign)) == has


@pytest.mark.parametrize("unit", Unit)
def test_booked_and_attended_count_by_themselves(unit):
    campaign = make_campaign()
    session = make_session(capacity=9)
    came, booked, only_registered = (enrol(campaign) for _ in range(3))
    seats.check_in(seat_of(book(session, came.buyer)), by_staff(STARTS))
    book(session, booked.buyer)
    only_registered.registered_at = NOON
    only_registered.save()
    assert beside(campaign, unit) == {"seat_booked": 2, "seat_attended": 1}
    found = funnel(frame(campaign), unit)
    assert found.find("registered").reached.count == 1
    assert float(found.beside[0].of_first) == pytest.approx(2 / 3)


def test_what_was_booked_before_the_first_message_is_not_its_doing():
    campaign = make_campaign()
    early = enrol(campaign, sent=NOON + timedelta(hours=1))
    book(make_session(), early.buyer)
    assert beside(campaign) == {"seat_booked": 0, "seat_attended": 0}


def test_who_came_in_with_a_seat_is_counted_by_that_seat():
    campaign = make_campaign(entry="training.booked")
    session, other = make_session(capacity=9), make_session(capacity=9)
    buyer = BuyerFactory()
    first, second = (seat_of(book(each, buyer)) for each in (session, other))
    for lap, seat in enumerate((first, second), 1):
        enrol(campaign, buyer, NOON + DAY, subject=f"seat:{seat.uuid}", lap=lap)
    seats.check_in(second, by_staff(STARTS))
    assert beside(campaign) == {"seat_booked": 2, "seat_attended": 1}


def test_attendance_put_right_leaves_the_bar():
    campaign = make_campaign()
    seat = seat_of(book(make_session(), enrol(campaign).buyer))
    seats.check_in(seat, by_staff(STARTS))
    seats.correct(seat, "no_show", by_staff(STARTS + DAY))
    assert beside(campaign)["seat_attended"] == 0


@pytest.mark.parametrize("unit", Unit)
def test_each_bar_is_its_list_of_names(unit):
    campaign = make_campaign()
    session = make_session(capacity=9)
    came, _other = enrol(campaign), enrol(campaign)
    seats.check_in(seat_of(book(session, came.buyer)), by_staff(STARTS))
    for one in funnel(frame(campaign), unit).beside:
        listing = listings.find(one.reached.slug, unit, frame(campaign))
        page = names.page(listing)
        assert page.total == one.reached.count == 1
        assert page.rows[0].account_id == came.account_id


def test_the_page_and_the_file_show_them(client, admin_user):
    campaign = make_campaign()
    book(make_session(), enrol(campaign).buyer)
    client.force_login(admin_user)
    page = client.get(f"/admin/reports/campaigns/{campaign.pk}/").content.decode()
    assert "Booked a training seat" in page
