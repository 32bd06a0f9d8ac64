"""The stand-in store: it knows the product by its public API alone."""

import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import Resolver404, resolve

from accounts.journal.models import Event
from accounts.staff.models import ApiKey
from campaigns.invitations import invite
from campaigns.invitations.models import Invitation
from onboarding.demo.store import basket, key, shelf
from tests.factories import AccountFactory, BuyerFactory

NOBODY = "http://127.0.0.1:9"


@pytest.fixture
def site(live_server, settings, tmp_path):
    """The product as it runs in a demonstration."""
    settings.ROOT_URLCONF = "tests.onboarding.demo.urls"
    settings.SITE_URL = live_server.url
    settings.DATA_DIR = tmp_path
    return settings


@pytest.fixture
def invitation(site):
    account = AccountFactory(number="10042", name="Talleres Ebro SL")
    buyer = BuyerFactory(
        account=account, first_name="Ana", last_name="Ruiz", email="ana@ebro.example"
    )
    invite.standing({buyer.pk: None}, datetime.now(UTC))
    return Invitation.objects.get()


@pytest.fixture
def customer(client, invitation):
    """A browser in which the invited buyer has registered."""
    form = {
        "number": "10042",
        "company": "Talleres Ebro SL",
        "email": "ana@ebro.example",
        "name": "Ana Ruiz",
        "invitation": str(invitation.reference),
    }
    client.post("/demo-store/register", form)
    return client


def order(browser, way="online", document="W-1", **quantities):
    articles = {name.replace("_", "-"): n for name, n in quantities.items()}
    form = {"way": way, "document": document, **(articles or {"A-1004": "2"})}
    return browser.post("/demo-store/order", form, follow=True).text


def journal(kind="ordered"):
    events = Event.objects.filter(kind=kind).order_by("id")
    return [(event.data.get("channel"), event.data.get("amount")) for event in events]


def test_outside_the_demonstration_there_is_no_such_store():
    with pytest.raises(Resolver404):
        resolve("/demo-store/")


@pytest.mark.django_db(transaction=True)
def test_every_page_says_that_it_is_a_stand_in(client, customer):
    for page in ("/demo-store/", "/demo-store/?invitation=x"):
        assert "Demonstration store" in client.get(page).text


@pytest.mark.django_db(transaction=True)
def test_an_invited_buyer_finds_the_form_filled_in(client, invitation):
    page = client.get(f"/demo-store/?invitation={invitation.reference}").text
    for value in ("10042", "Talleres Ebro SL", "ana@ebro.example", "Ana Ruiz"):
        assert f'value="{value}"' in page
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reference", ["nonsense", "../../events", "%00", "a" * 999])
def test_a_reference_nobody_knows_leaves_an_empty_form(client, site, reference):
    page = client.get("/demo-store/", {"invitation": reference})
    assert page.status_code == 200
    assert "not valid any more" in page.text


@pytest.mark.django_db(transaction=True)
def test_without_an_answer_the_form_is_empty_and_says_so(client, invitation, site):
    site.SITE_URL = NOBODY
    page = client.get(f"/demo-store/?invitation={invitation.reference}")
    assert "gave no answer" in page.text
    assert 'name="email"' in page.text


@pytest.mark.django_db(transaction=True)
def test_registering_is_reported_for_the_invited_buyer(customer, invitation):
    kinds = Event.objects.order_by("id").values_list("kind", "buyer_id", "source")
    assert list(kinds) == [
        ("registered", invitation.buyer_id, "api:store"),
        ("logged_in", invitation.buyer_id, "api:store"),
    ]


@pytest.mark.django_db(transaction=True)
def test_logging_in_again_is_reported(customer):
    customer.post("/demo-store/log-out")
    assert "Registered in this browser" in customer.get("/demo-store/").text
    customer.post("/demo-store/log-in", {"customer": "0"})
    assert len(journal("logged_in")) == 2
    assert len(journal("registered")) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("way", "channel", "placed_by"),
    [
        ("online", "online", None),
        ("phone", "phone", None),
        ("on_behalf", "online", "on_behalf"),
    ],
)
def test_orders_are_reported_as_they_were_placed(customer, way, channel, placed_by):
    page = order(customer, way, A_1004="3", D_4107="10")

    data = Event.objects.get(kind="ordered").data
    assert (data["channel"], data.get("placed_by")) == (channel, placed_by)
    assert Decimal(data["amount"]) == Decimal("184.20")
    assert "W-1" in page


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_is_one_order(customer):
    order(customer)
    order(customer)
    assert len(journal()) == 1


@pytest.mark.django_db(transaction=True)
def test_an_empty_basket_is_no_order(customer):
    assert "at least one article" in order(customer, A_1004="0", B_2001="many")
    assert journal() == []


@pytest.mark.django_db(transaction=True)
def test_who_is_not_logged_in_orders_nothing(client, site):
    order(client)
    assert journal() == []


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_reported_is_shown_and_tried_again(customer, site):
    real, site.SITE_URL = site.SITE_URL, NOBODY
    page = order(customer)
    assert "1 report waits" in page
    assert journal() == []

    site.SITE_URL = real
    page = customer.post("/demo-store/retry", follow=True).text

    assert "report waits" not in page
    assert journal() == [("online", "37.80")]


@pytest.mark.django_db(transaction=True)
def test_the_next_report_takes_along_what_waits(customer, site):
    real, site.SITE_URL = site.SITE_URL, NOBODY
    order(customer, document="W-1")
    site.SITE_URL = real
    order(customer, document="W-2")
    assert len(journal()) == 2


@pytest.mark.django_db(transaction=True)
def test_what_the_api_refuses_is_shown_and_not_tried_again(client, site):
    form = {"number": "n" * 41, "email": "x@y.example"}
    page = client.post("/demo-store/register", form, follow=True).text
    assert "refused" in page
    assert "reports wait" not in page


@pytest.mark.django_db(transaction=True)
def test_a_customer_we_do_not_know_yet_is_shown_as_kept(client, site):
    form = {"number": "99999", "email": "new@company.example"}
    page = client.post("/demo-store/register", form, follow=True).text
    assert "kept until the customer is known" in page


@pytest.mark.django_db(transaction=True)
def test_an_emptied_database_gets_a_new_key(customer):
    ApiKey.objects.all().delete()
    order(customer)
    assert len(journal()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_key_opens_what_a_store_needs_and_nobody_else_reads_it(customer, site):
    (issued,) = ApiKey.objects.all()
    assert issued.scopes == ["events", "read"]
    kept = site.DATA_DIR / "demo-store.key"
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.read_text() == key.current()


@pytest.mark.django_db(transaction=True)
def test_no_page_shows_the_key_and_none_loads_from_elsewhere(customer):
    page = customer.get("/demo-store/").text
    assert key.current() not in page
    assert not re.findall(r'(?:src|href)="https?://', page)


def test_totals_are_exact():
    filled = basket.read({"A-1004": "3", "B-2015": "7", "D-4107": "", "X-1": "5"})
    assert filled.total == Decimal("18.90") * 3 + Decimal("7.95") * 7
    assert basket.read({"A-1004": "-1", "B-2015": "1.5", "D-4107": "٣"}).lines == ()


def test_what_waits_is_never_forgotten():
    visitor = shelf.Shelf()
    for n in range(20):
        visitor.add({"kind": "logged_in", "key": str(n)})
    assert len(visitor.waiting) == 20
    visitor.reports = [shelf.Report(one.event, "recorded") for one in visitor.reports]
    visitor.add({"kind": "logged_in", "key": "new"})
    assert len(visitor.reports) == shelf.MOST_REPORTS + 1
