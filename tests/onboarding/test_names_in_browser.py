"""What a screen reader hears of the admin: every link and button says what it is."""

import pytest
from django.urls import reverse

from campaigns.sequences.planning import playbooks
from tests.campaigns.sequences import scenes
from tests.factories import BuyerFactory, UserFactory
from tests.journeys import browsing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct-horse-battery"
CALLED_FOR = {"link", "button"}
#: Icons are words of a font; what is pressed by mouse alone is no button to others.
UNTOLD = """() => {
  const seen = (selector) => [...document.querySelectorAll(selector)]
    .filter((part) => part.checkVisibility());
  const icons = seen(".material-symbols-outlined")
    .filter((icon) => !icon.closest("[aria-hidden=true], [aria-label]"));
  const pressed = seen("[x-on\\\\:click]:not(#changelist-filter-close)")
    .filter((part) => !part.matches("button, input, label, a[href], [role=button]"));
  return [...icons, ...pressed].map((part) => part.outerHTML);
}"""


@pytest.fixture(scope="module")
def browser():
    with browsing.started() as browser:
        yield browser


@pytest.fixture(params=[("es", 390), ("en", 1280)])
def visitor(request, browser, live_server):
    language, width = request.param
    user = UserFactory(
        role="marketing_manager", email="marta@distributor.example", language=language
    )
    user.set_password(PASSWORD)
    user.save()
    visitor = browsing.Visitor(browser, live_server.url, language, width, "names")
    visitor.log_in(user.email, PASSWORD)
    yield visitor
    visitor.close()


@pytest.fixture
def addresses():
    scenes.make_brand()
    buyer = BuyerFactory()
    campaign = playbooks.apply(playbooks.FIRST_ORDER, "Autumn")
    message = campaign.versions.get().steps.first().message
    lists = (
        "sequences_campaign_changelist",
        "sequences_delivery_changelist",
        "customers_account_changelist",
        "customers_buyer_changelist",
        "customers_customerimport_changelist",
        "campaign_messages_message_changelist",
        "campaign_messages_brand_changelist",
        "journal_event_changelist",
        "customers_account_add",
        "sequences_campaign_add",
    )
    rows = (
        ("sequences_campaign_change", campaign.pk),
        ("customers_account_change", buyer.account_id),
        ("customers_buyer_change", buyer.pk),
        ("campaign_messages_message_change", message.pk),
        ("campaign_messages_brand_change", message.brand_id),
    )
    return [
        reverse("admin:index"),
        *(reverse(f"admin:{name}") for name in lists),
        *(reverse(f"admin:{name}", args=[pk]) for name, pk in rows),
    ]


def untold(page):
    """The source of what is shown without a name, as the browser itself reckons it."""
    page.wait_for_load_state("load")
    browser = page.context.new_cdp_session(page)
    browser.send("DOM.enable")
    nameless = [
        node["backendDOMNodeId"]
        for node in browser.send("Accessibility.getFullAXTree")["nodes"]
        if node.get("role", {}).get("value") in CALLED_FOR
        and not node["ignored"]
        and not node.get("name", {}).get("value", "").strip()
    ]
    found = [
        browser.send("DOM.getOuterHTML", {"backendNodeId": node})["outerHTML"]
        for node in nameless
    ]
    browser.detach()
    return [" ".join(one.split())[:800] for one in found + page.evaluate(UNTOLD)]


def walk(visitor, addresses):
    return {
        f"{address} {part}"
        for address in addresses
        for part in untold(visitor.go(address))
    }


def test_every_link_and_button_has_a_name(visitor, addresses):
    found = walk(visitor, addresses)

    assert not found, "Without a name:\n" + "\n".join(sorted(found))
    assert visitor.complaints == []


def test_without_our_script_the_walk_finds_what_has_none(visitor, addresses):
    """On most pages: on a phone a few show nothing that has no name."""
    visitor.context.route("**/onboarding/names*.js", lambda route: route.abort())

    found = walk(visitor, addresses)

    pages = {part.split()[0] for part in found}
    assert len(pages) > len(addresses) / 2, pages
    assert any("openRelatedWidgetWrapper" in part for part in found)


def test_the_names_are_in_the_readers_language(visitor, addresses):
    page = visitor.go(reverse("admin:customers_account_add"))
    said = {"es": "Ver, cambiar o añadir", "en": "Look at, change or add"}

    page.get_by_role("button", name=said[visitor.language]).first.wait_for()


def test_what_is_pressed_by_mouse_is_pressed_by_key(visitor, addresses):
    page = visitor.go(reverse("admin:customers_account_add"))
    menu = page.locator("[x-on\\:click*=openRelatedWidgetWrapper]").first
    entries = page.locator("[id^=related-widget-wrapper-]").first
    assert not entries.is_visible()

    menu.press("Enter")

    entries.wait_for(state="visible")
