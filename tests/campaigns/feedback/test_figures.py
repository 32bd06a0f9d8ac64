"""Openings and clicks of a campaign: numbers, the names behind them, and the switch."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.consent.models import Permission
from accounts.staff.models import Role
from accounts.staff.roles import ROLE_PERMISSIONS
from campaigns.feedback import figures, summing, tasks
from campaigns.feedback.figures import Counts, What
from campaigns.feedback.models import Report
from campaigns.messages.models import PublishedLink
from campaigns.sequences.models import CampaignAct, MeasuredDelivery
from campaigns.sequences.planning import counting, drafts, lifecycle
from tests.campaigns.sequences.scenes import (
    MONDAY,
    make_campaign,
    make_message,
    make_people,
)
from tests.factories import UserFactory

from .scenes import SENT, make_sent
from .test_machines import agree

pytestmark = pytest.mark.django_db

#: What was noted of each delivery: (kind, per cent). None: it was not measured.
NOTED = [
    [("opened", 5), ("clicked", 5)],
    [("opened", 5), ("opened", 95), ("clicked", 95), ("clicked", 20)],
    [("opened", 95), ("clicked", 99)],
    [("opened", 49)],
    [("opened", 50)],
    [("delivered", None)],
    [],
    None,
]
#: What a provider says of a message that was not measured is no part of it.
OTHER = [("opened", 5), ("clicked", 5)]


@pytest.fixture
def campaign():
    campaign = make_campaign(state="running", measures=True)
    for number, (buyer, noted) in enumerate(
        zip(make_people(len(NOTED)), NOTED, strict=True)
    ):
        delivery = make_sent(buyer=buyer, campaign=campaign)
        if noted is not None:
            MeasuredDelivery.objects.create(delivery=delivery)
        for place, (kind, machine) in enumerate(OTHER if noted is None else noted):
            Report.objects.create(
                key=f"{number} {place}".encode(),
                provider="own",
                kind=kind,
                delivery=delivery,
                occurred_at=SENT,
                machine=machine,
            )
    summing.sum_up(set(campaign.deliveries.values_list("pk", flat=True)))
    return campaign


def test_each_message_counts_once_and_for_people_first(campaign):
    (counts,) = figures.by_step(campaign).values()
    assert counts == Counts(
        sent=8,
        measured=7,
        opened=3,
        opened_by_machines=2,
        clicked=2,
        clicked_by_machines=1,
    )


def test_behind_every_number_are_as_many_names(campaign):
    counts = figures.total(figures.by_step(campaign).values())
    for what in What:
        assert figures.names(campaign, what).count() == counts.of(what), what


def test_it_says_how_many_have_agreed(campaign):
    assert figures.willing(campaign) == {"people": 8, "agreed": 0}
    for enrolment, allowed in zip(
        campaign.enrolments.all(), (True, True, False), strict=False
    ):
        agree(enrolment.buyer, allowed)
    assert figures.willing(campaign) == {"people": 8, "agreed": 2}


def test_who_agrees_no_more_is_forgotten_within_the_hour(campaign):
    for enrolment in campaign.enrolments.all():
        agree(enrolment.buyer)
    before = figures.total(figures.by_step(campaign).values())
    tasks.forget()
    assert figures.total(figures.by_step(campaign).values()) == before
    first = figures.names(campaign, What.CLICKED).order_by("pk").first()
    Permission.objects.filter(buyer=first.buyer, topic="tracking").update(allowed=False)
    tasks.forget()
    after = figures.total(figures.by_step(campaign).values())
    assert (after.sent, after.measured) == (before.sent, before.measured - 1)
    assert (after.opened, after.clicked) == (before.opened - 1, before.clicked - 1)
    assert not first.reports.exists()
    assert Report.objects.filter(kind="delivered").exists()


def test_one_statement_whatever_the_size(campaign, django_assert_num_queries):
    with django_assert_num_queries(1):
        figures.by_step(campaign)


def test_a_campaign_of_nobody_has_zeros():
    campaign = make_campaign(state="running")
    assert figures.total(figures.by_step(campaign).values()) == Counts()


@pytest.fixture
def marketer(client):
    user = UserFactory(role=Role.MARKETING_MANAGER)
    client.force_login(user)
    return user


def address(campaign, page="campaign", query=""):
    return reverse(f"openings:{page}", args=[campaign.pk]) + query


def test_the_page_shows_both_and_says_what_they_are_worth(client, marketer, campaign):
    page = client.get(address(campaign)).content.decode()
    assert "An opening is no evidence" in page
    for what in What:
        assert f"?what={what}&amp;step=" in page
    assert "Measure no more" in page


def test_so_does_the_campaigns_own_page(client, marketer, campaign):
    url = reverse("admin:sequences_campaign_change", args=[campaign.pk])
    page = client.get(url).content.decode()
    assert "Opened by machines only" in page
    assert "An opening is no evidence" in page
    counting.switch(campaign, False, marketer, timezone.now())
    assert "Opened by machines only" in client.get(url).content.decode()


def test_a_campaign_that_never_measured_says_so(client, marketer):
    campaign = make_campaign(state="running", started_at=SENT)
    url = reverse("admin:sequences_campaign_change", args=[campaign.pk])
    page = client.get(url).content.decode()
    assert "Opened by machines only" not in page
    assert "Not measured in this campaign." in page


@pytest.mark.parametrize(
    ("what", "number"), [("opened", 3), ("clicked_by_machines", 1), ("nonsense", 7)]
)
def test_the_names_are_listed(client, marketer, campaign, what, number):
    page = client.get(address(campaign, "names", f"?what={what}"))
    rows = page.context["rows"]
    assert len(rows) == number
    story = reverse(
        "admin:sequences_campaign_story", args=[campaign.pk, rows[0].buyer_id]
    )
    assert story in page.content.decode()
    step = campaign.versions.get().steps.get().pk
    query = f"?what={what}&step={step}"
    assert len(client.get(address(campaign, "names", query)).context["rows"]) == number
    query = f"?what={what}&step={step + 1}"
    assert len(client.get(address(campaign, "names", query)).context["rows"]) == 0


def test_the_names_are_there_as_a_file(client, marketer, campaign):
    answer = client.get(address(campaign, "names-csv", "?what=opened"))
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Customer number")
    assert len(lines) == 1 + 3
    first = figures.names(campaign, What.OPENED).order_by("pk").first().buyer
    assert first.email in lines[1]
    client.force_login(UserFactory(role=Role.ANALYST))
    assert client.get(address(campaign, "names-csv")).status_code == 403


@pytest.mark.parametrize(
    ("role", "sees", "names", "switches"),
    [
        (Role.MARKETING_MANAGER, 200, 200, 302),
        (Role.MARKETING_EDITOR, 200, 200, 403),
        (Role.ANALYST, 200, 403, 403),
        (Role.TRAINER, 403, 403, 403),
    ],
)
def test_who_may_see_and_who_may_switch(client, campaign, role, sees, names, switches):
    client.force_login(UserFactory(role=role))
    assert client.get(address(campaign)).status_code == sees
    assert client.get(address(campaign, "names")).status_code == names
    assert client.post(address(campaign, "switch")).status_code == switches


@pytest.mark.parametrize("page", ["names", "names-csv"])
def test_who_may_see_messages_but_nobodys_name_sees_no_names(
    client, campaign, page, monkeypatch
):
    monkeypatch.setitem(ROLE_PERMISSIONS, Role.ANALYST, ("sequences.view_*",))
    client.force_login(UserFactory(role=Role.ANALYST))
    assert client.get(address(campaign)).status_code == 200
    assert client.get(address(campaign, page)).status_code == 403


def test_a_person_switches_it_and_it_is_remembered_who(client, marketer, campaign):
    url = address(campaign, "switch")
    client.post(url, {"on": "no"})
    client.post(url, {"on": "no"})
    campaign.refresh_from_db()
    assert not campaign.measures
    act = CampaignAct.objects.get()
    assert (act.act, act.by) == ("unmeasured", marketer)
    client.post(url, {"on": "yes"})
    campaign.refresh_from_db()
    assert campaign.measures
    assert client.get(url).status_code == 405


def test_switching_it_on_stores_the_links_of_what_runs_already():
    message = make_message(text="[news](https://news.example)")
    campaign = make_campaign({"message": message})
    make_people(1)
    assert lifecycle.start(campaign, UserFactory(), MONDAY)
    PublishedLink.objects.all().delete()
    assert counting.switch(campaign, True, None, timezone.now())
    assert PublishedLink.objects.get().address == "https://news.example"
    assert not counting.switch(campaign, True, None, timezone.now())


def test_a_campaign_measures_nothing_unless_somebody_says_so():
    assert not make_campaign().measures
    copied = drafts.copy(make_campaign(measures=True), "Copy")
    assert copied.measures
