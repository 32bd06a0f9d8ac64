"""The pages: who may read them, and that each number leads to its names."""

import csv
import io
import re

import pytest
from django.urls import reverse

from accounts.staff.models import Role
from campaigns.adoption.templatetags import adoption as shown
from campaigns.sequences.models import Campaign, CampaignVersion, Enrolment
from tests.factories import BuyerFactory, UserFactory

from .conftest import ago

READERS = {
    Role.ADMINISTRATOR,
    Role.MARKETING_MANAGER,
    Role.MARKETING_EDITOR,
    Role.ANALYST,
}


#: Lists of persons, and what happened to them.
OF_PERSONS = {"names", "names-csv", "buyer", "account"}


@pytest.fixture
def told(history, buyer, colleague, stranger):
    """Something for every page to show."""
    history.invited(buyer, 50).registered(buyer, 40).ordered(buyer, 30, 20, 10)
    history.invited(colleague, 5).invited(stranger, 50).logged_in(buyer, 3)
    history.ordered(stranger, 12, channel="phone").settle()


@pytest.fixture
def campaign(buyer):
    found = Campaign.objects.create(name="Spring")
    version = CampaignVersion.objects.create(campaign=found)
    Enrolment.objects.create(
        campaign=found,
        version=version,
        account=buyer.account,
        buyer=buyer,
        sent_at=ago(50),
        registered_at=ago(40),
        state="finished",
    )
    return found


def addresses(buyer, campaign):
    names = {"list": "invited", "unit": "buyer"}
    return {
        "dashboard": reverse("adoption:dashboard"),
        "figures-csv": reverse("adoption:figures-csv"),
        "channels": reverse("adoption:channels"),
        "channels-csv": reverse("adoption:channels-csv"),
        "comparison": reverse("adoption:comparison"),
        "campaign": reverse("adoption:campaign", args=[campaign.pk]),
        "funnel-csv": reverse("adoption:funnel-csv", args=[campaign.pk]),
        "names": reverse("adoption:names", query=names),
        "names-csv": reverse("adoption:names-csv", query=names),
        "buyer": reverse("adoption:buyer", args=[buyer.pk]),
        "account": reverse("adoption:account", args=[buyer.account_id]),
    }


@pytest.mark.parametrize("role", Role)
def test_every_page_by_role(client, told, buyer, campaign, role):
    client.force_login(UserFactory(role=role))

    for name, address in addresses(buyer, campaign).items():
        found = client.get(address).status_code
        readers = READERS - {Role.ANALYST} if name in OF_PERSONS else READERS
        assert (found == 200) == (role in readers), (name, found)


def test_an_analyst_reads_figures_without_links_to_persons(
    client, analyst, told, campaign
):
    pages = [reverse("adoption:dashboard"), reverse("adoption:comparison")]
    pages.append(reverse("adoption:channels"))
    pages.append(reverse("adoption:campaign", args=[campaign.pk]))
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        for door in ("/reports/names/", "/reports/buyers/", "/reports/accounts/"):
            assert door not in answer.text, page


def test_strangers_are_sent_to_the_log_in(client, buyer, campaign):
    for address in addresses(buyer, campaign).values():
        assert client.get(address).status_code == 302


def test_pages_only_show(client, marketer, buyer, campaign):
    for address in addresses(buyer, campaign).values():
        assert client.post(address).status_code == 405


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_while_there_is_nothing(client, marketer, language):
    campaign = Campaign.objects.create(name="Empty")
    CampaignVersion.objects.create(campaign=campaign)

    for address in addresses(BuyerFactory(), campaign).values():
        assert client.get(address, headers={"accept-language": language})


def test_every_link_of_the_reports_leads_to_its_number(
    client, marketer, told, campaign
):
    """Follow each number: the list behind it has as many rows."""
    pages = [reverse("adoption:dashboard"), reverse("adoption:comparison")]
    pages.append(reverse("adoption:campaign", args=[campaign.pk]))
    number = re.compile(r'<a href="([^"]*/names/[^"]*)">(?:<b>)?([\d,]+)(?:</b>)?</a>')
    followed = 0
    for page in pages:
        for link, count in number.findall(client.get(page).text):
            found = client.get(link.replace("&amp;", "&"))
            assert found.context["page"].total == int(count), link
            followed += 1
    assert followed > 60


def test_the_figures_as_a_file(client, analyst, told):
    text = client.get(reverse("adoption:figures-csv")).getvalue().decode()

    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0])[-1] == "As of (Europe/Madrid)"
    rr = next(row for row in rows if row["Short"] == "RR")

    assert (rr["Numerator"], rr["Denominator"]) == ("1", "3")
    assert rr["Formula"] == "buyers registered ÷ buyers invited"


def test_names_as_a_file_for_excel(client, marketer, told):
    address = reverse(
        "adoption:names-csv", query={"list": "invited", "unit": "buyer", "excel": 1}
    )
    response = client.get(address, headers={"accept-language": "es"})

    assert response["Content-Disposition"] == 'attachment; filename="invited.csv"'
    assert response.getvalue().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("query", ["", "list=x", "list=invited&unit=x"])
def test_there_is_no_such_list(client, marketer, query):
    assert client.get(f"{reverse('adoption:names')}?{query}").status_code == 404


def test_a_day_that_cannot_be_read_is_said(client, analyst, told):
    page = client.get(reverse("adoption:dashboard", query={"since": "yesterday"}))

    assert page.status_code == 200
    assert page.context["form"].errors["since"]


@pytest.mark.parametrize(
    "name", ["dashboard", "channels", "channels-csv", "comparison"]
)
@pytest.mark.parametrize("query", ["since=0001-01-01", "until=9999-12-31"])
def test_days_nobody_can_mean_are_left_out(client, analyst, told, name, query):
    answer = client.get(f"{reverse(f'adoption:{name}')}?{query}")
    assert answer.status_code == 200
    assert len(b"".join(answer)) < 200_000


def test_an_as_of_day_nobody_can_mean_is_left_out(client, analyst, told):
    url = reverse("adoption:dashboard")
    assert client.get(f"{url}?as_of=0001-01-01").status_code == 200


def test_days_the_wrong_way_round_are_said(client, analyst):
    query = {"since": "2026-02-02", "until": "2026-01-01"}
    page = client.get(reverse("adoption:dashboard", query=query))

    assert page.context["form"].errors["until"]


def test_an_earlier_day_stays_in_the_links(client, analyst, told):
    page = client.get(reverse("adoption:dashboard", query={"as_of": "2026-05-01"}))

    assert page.context["frame"].past
    assert "as_of=2026-05-01" in page.context["report"].find("rr").numerator.url


def test_a_name_leads_to_her_events_and_no_notes(client, marketer, told, buyer):
    page = client.get(reverse("adoption:buyer", args=[buyer.pk])).text

    assert page.count("Ordered") == 3
    assert "10.00 EUR" in page


def test_events_come_in_pages(client, marketer, history, buyer, monkeypatch):
    monkeypatch.setattr("campaigns.adoption.timeline.PAGE", 2)
    history.logged_in(buyer, 1).logged_in(buyer, 2).logged_in(buyer, 3).settle()
    address = reverse("adoption:account", args=[buyer.account_id])

    first, second = client.get(address), client.get(address, {"page": 2})

    assert (len(first.context["entries"]), first.context["next"]) == (2, 2)
    assert (len(second.context["entries"]), second.context["next"]) == (1, None)


@pytest.mark.parametrize(
    ("language", "percent", "days", "count"),
    [("en", "62.5%", "1.5 days", "1,234"), ("es", "62,5", "1,5 d", "1\xa0234")],
)
def test_numbers_as_the_reader_writes_them(language, percent, days, count):
    from fractions import Fraction

    from django.utils import translation

    with translation.override(language):
        assert shown.percent(Fraction(5, 8)).startswith(percent)
        assert shown.span(1.5).startswith(days)
        assert shown.count(1234) == count
        assert shown.percent(None) == "–"
