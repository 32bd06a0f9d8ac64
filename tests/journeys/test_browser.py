"""The same journey by hand: marketing and a customer, each at a real browser.

Pictures of every page stay in artefacts/browser/.
"""

import csv
import io
import re
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.consent.models import Choice
from accounts.journal import clock
from accounts.journal.models import Event
from campaigns.sequences.models import Campaign, Delivery
from campaigns.sequences.sending import transports, workers
from campaigns.sequences.sending.spool import Spool
from onboarding import mail

from . import browsing
from . import world as worlds
from .browsing import Visitor
from .shop import Shop, open_shop
from .story import LEAVE, LINK

pytestmark = [
    pytest.mark.browser,
    pytest.mark.journey,
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(scope="module")
def browser():
    with browsing.started() as browser:
        yield browser


@pytest.fixture(params=["es", "en"])
def language(request):
    return request.param


@pytest.fixture(params=[390, 1280])
def width(request):
    return request.param


@pytest.fixture
def world(live_server, settings, monkeypatch, tmp_path, language):
    settings.SITE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    settings.SPOOL_DIR = tmp_path / "spool"
    settings.EMAIL_BACKEND = mail.OUTBOX  # Django's tests put one of their own
    sender = workers.Worker("sender", transports.make(), Spool(settings.SPOOL_DIR, "s"))
    world = worlds.World(language, sender)
    monkeypatch.setattr(clock, "now", world.now)
    yield world
    sender.close()


@pytest.fixture
def shop(world, live_server, settings):
    with open_shop(Shop(live_server.url, world.key, world.now)) as shop:
        settings.STORE_URL = shop.url
        yield shop


@pytest.fixture
def marketing(browser, live_server, language, width):
    visitor = Visitor(browser, live_server.url, language, width, "marketing")
    yield visitor
    visitor.close()


@pytest.fixture
def customer(browser, live_server, language, width):
    visitor = Visitor(browser, live_server.url, language, width, "customer")
    yield visitor
    visitor.close()


def test_from_an_export_to_a_campaigns_results(
    world, shop, marketing, customer, language, tmp_path
):
    marketing.log_in(world.marketer.email, worlds.PASSWORD)
    marketing.look("today")
    import_customers(marketing, world, tmp_path)
    campaign = plan_campaign(marketing)
    start_campaign(marketing, world, campaign)
    world.wait_for_mail()
    assert Delivery.objects.filter(campaign=campaign, state="sent").count() == 6
    watch_campaign(marketing, campaign)

    address = {"es": "marta@ferreteria.example", "en": "emma@harbour.example"}
    follow_invitation(customer, world, shop, address[language])

    read_results(marketing, campaign)
    leave(customer, world, address[language])
    assert marketing.complaints == []
    assert customer.complaints == []


def import_customers(marketing, world, tmp_path):
    """Upload, match the columns, check, look at what would change, apply."""
    export = tmp_path / "customers.csv"
    export.write_text(worlds.EXPORT, encoding="utf-8-sig")
    page = marketing.go(reverse("admin:customers_customerimport_add"))
    page.set_input_files("input[type=file]", export)
    marketing.look("upload")
    marketing.press("form[enctype] button[type=submit]")
    marketing.look("match-columns")
    page.check("input[value=existing_customer]")
    marketing.press("form[data-once] .ob-actions button.ob-btn--main")
    world.work()
    page.reload()
    marketing.look("what-would-change")
    marketing.press("form[action$='/apply'] button")
    world.work()
    page.reload()
    marketing.look("applied")


def plan_campaign(marketing):
    """Begin with the playbook, keep its audience, look at everything."""
    page = marketing.go(reverse("admin:sequences_campaign_add"))
    page.fill("input[name=name]", "Primavera 2026")
    marketing.look("begin")
    marketing.press("button[name=playbook][value=first_order]")
    marketing.look("plan")
    marketing.press("button[name=review]")
    preview = page.frame_locator("iframe.ob-mail").locator("body")
    assert "Tienda Ejemplo" in preview.inner_text()
    marketing.look("review")
    marketing.look_at("iframe.ob-mail", "review-message")
    return Campaign.objects.get()


def start_campaign(marketing, world, campaign):
    """A test to oneself, then the real thing."""
    page = marketing.page
    marketing.press("form[action*='/test/'] button")
    assert world.mails_to(world.marketer.email)
    page.wait_for_load_state()
    for box in page.locator("form[action$='/start/'] input[type=checkbox]").all():
        box.check()
    marketing.press("form[action$='/start/'] button[type=submit]")
    world.work()
    campaign.refresh_from_db()
    assert campaign.state == "running"


def watch_campaign(marketing, campaign):
    marketing.go(reverse("admin:sequences_campaign_change", args=[campaign.pk]))
    marketing.look("running")
    marketing.go(reverse("admin:sequences_campaign_deliveries", args=[campaign.pk]))
    marketing.look("messages")


def follow_invitation(customer, world, shop, address):
    """Open the mail, follow the link, accept, register, order."""
    message = newest_to(world, address)
    show_mail(customer, message)
    text = message.get_body(("plain",)).get_content()
    page = customer.go(LINK.search(text)[0])
    token = LINK.search(text)[1]
    assert token not in page.url
    customer.look("invitation")
    assert not Event.objects.filter(kind__in=["seen", "accepted"]).exists()

    customer.press("form#answer button[type=submit]")
    assert page.url.startswith(shop.url)
    assert Event.objects.filter(kind="accepted").count() == 1
    customer.press("#register")
    assert "recorded" in page.inner_text("#said")
    customer.press("#order")
    assert "recorded" in page.inner_text("#said")
    customer.look("stand-in-store")

    customer.go(LINK.search(text)[0])
    customer.look("invitation-again")
    world.work()


def newest_to(world, address):
    raw = world.mails_to(address)[-1].raw
    return message_from_bytes(bytes(raw), policy=policy.default)


def show_mail(customer, message):
    html = message.get_body(("html",)).get_content()
    customer.page.set_content(html)
    customer.page.screenshot(path=customer.folder / "00-mail.png", full_page=True)


def read_results(marketing, campaign):
    """From the campaign to its results, to a name, to her events; and as a file."""
    page = marketing.go(reverse("admin:sequences_campaign_change", args=[campaign.pk]))
    marketing.press(f"a[href*='{reverse('adoption:campaign', args=[campaign.pk])}']")
    reached = page.locator(".ad-funnel").first.locator("td[data-value]")
    assert [int(cell.get_attribute("data-value")) for cell in reached.all()] == [
        6,
        1,
        1,
        1,
        1,
        0,
    ]
    marketing.look("results")
    with page.expect_download() as download:
        page.locator("a[href$='.csv']").first.click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert len(list(csv.reader(io.StringIO(text)))) > 10

    marketing.press("a[href*='funnel.new.ordered.reached']")
    marketing.look("names")
    marketing.press("a[href*='/reports/buyers/']")
    marketing.look("events")
    marketing.go(reverse("adoption:dashboard"))
    marketing.look("adoption")
    marketing.go(reverse("adoption:channels"))
    marketing.look("channels")
    marketing.go(reverse("adoption:comparison"))
    marketing.look("use")


def leave(customer, world, address):
    """By the link at the foot of her mail: the page asks, the button acts."""
    message = newest_to(world, address)
    page = customer.go(LEAVE.search(message["List-Unsubscribe"])[1])
    customer.look("unsubscribe")
    assert not Choice.objects.filter(state="objected").exists()
    page.locator("form[method=post] button[type=submit]").first.click()
    page.wait_for_load_state()
    customer.look("unsubscribed")
    assert Choice.objects.filter(state="objected").count() == 1
    customer.go(reverse("me"))
    customer.look("personal-page")
    assert re.search(r"/me/$", page.url)
