"""The editor and the moving figures as a person uses them, with mouse and keyboard."""

import pytest

from campaigns.messages.models import MessageText
from campaigns.sequences.audiences import conditions
from campaigns.sequences.models import Campaign, Delivery
from campaigns.sequences.planning import drafts, playbooks
from campaigns.sequences.rows import Row
from campaigns.sequences.sending import advance
from tests.campaigns.sequences import scenes
from tests.factories import UserFactory
from tests.journeys import browsing

from .conftest import at, settle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "correct-horse-battery"


@pytest.fixture
def visit(live_server):
    user = UserFactory(role="marketing_manager", email="marta@distributor.example")
    user.set_password(PASSWORD)
    user.save()
    visitors = []

    def open_at(width, language="en"):
        user.language = language
        user.save()
        visitor = browsing.Visitor(
            browser, live_server.url, language, width, "campaigns"
        )
        visitors.append(visitor)
        visitor.log_in(user.email, PASSWORD)
        return visitor

    with browsing.started() as browser:
        yield open_at
        for visitor in visitors:
            visitor.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_plan_is_made_and_counted_while_it_is_made(visit, width):
    scenes.make_brand()
    scenes.make_people(3)
    campaign = playbooks.apply(playbooks.FIRST_ORDER, "Autumn")
    visitor = visit(width)
    page = visitor.go(at("change", campaign.pk))
    panel = page.locator("[data-count]")

    panel.get_by_text("buyers are in the audience").wait_for()
    page.locator("#audience [data-add-row]").select_option("city")
    page.locator("#audience input[name$=-value]:not([type=hidden])").fill("Lima")
    panel.get_by_text("Nobody matches").wait_for()
    page.locator("#audience [data-row]", has_text="City").locator("button").click()
    panel.get_by_text("3", exact=True).first.wait_for()
    page.locator("#audience [data-add-row]").select_option("language")
    page.locator("#audience").get_by_label("English").check()
    visitor.look("audience")

    page.locator("[data-step]").nth(2).locator("[data-move='-1']").click()
    page.locator("[data-step]").nth(0).locator("[data-remove-step]").click()
    page.locator("[data-add-step]").click()
    added = page.locator("[data-step]").nth(3)
    added.locator("select[name$=-message]").select_option(index=1)
    added.locator("input[name$=-name]").fill("Last word")
    added.locator("[data-add-row]").select_option("registered")
    visitor.look("steps")
    visitor.press("[name=review]")

    page.get_by_text("Who gets what, and when").wait_for()
    visitor.look("review")
    campaign.refresh_from_db()
    assert conditions.rows(campaign.audience) == [
        Row("never_ordered_online", True),
        Row("language", ["en"]),
    ]
    assert [step.name for step in drafts.steps_of(campaign)] == [
        "Nudge to the first order",
        "Reminder to those not registered",
        "Last word",
    ]
    assert conditions.rows(list(drafts.steps_of(campaign))[2].only_if) == [
        Row("registered", True)
    ]
    assert visitor.complaints == []


def test_a_step_asks_only_for_what_counts(visit):
    scenes.make_brand()
    campaign = playbooks.apply(playbooks.FIRST_ORDER, "Autumn")
    visitor = visit(390)
    page = visitor.go(at("change", campaign.pk))
    step = page.locator("[data-step]").first
    wait, far = step.get_by_label("Wait (days)"), step.get_by_label("How far from it")
    assert (wait.is_visible(), far.is_visible()) == (True, False)

    step.get_by_label("Reckoned from").select_option("training.start")
    assert (wait.is_visible(), far.is_visible()) == (False, True)
    visitor.look("moment")
    far.fill("9999")
    visitor.press("[name=review]")
    page.get_by_text("look at the fields marked in red").wait_for()
    step.get_by_label("Reckoned from").select_option("")
    assert far.is_visible()  # it is what must be mended


def test_the_longest_name_stays_on_a_phone(visit):
    scenes.make_people(1)
    campaign = scenes.start(scenes.make_campaign())
    Campaign.objects.update(name="x" * 100)
    visitor = visit(390)

    wide = "document.documentElement.scrollWidth > innerWidth"

    for address in (at("change", campaign.pk), "/admin/", at("changelist")):
        assert not visitor.go(address).evaluate(wide), address


def test_a_list_tells_a_screen_reader_what_its_parts_are(visit):
    scenes.make_campaign()
    visitor = visit(1280)

    page = visitor.go(at("changelist"))

    page.get_by_role("textbox", name="Type to search").wait_for()
    page.get_by_role("button", name="Search").first.wait_for()
    page.get_by_role("heading", name="Campaigns Campaigns", exact=True).wait_for()


def test_the_figures_move_while_somebody_looks(visit):
    scenes.make_people(3)
    campaign = scenes.start(scenes.make_campaign())
    advance.advance(scenes.MORNING)
    visitor = visit(1280)
    page = visitor.go(at("change", campaign.pk))
    page.locator("[data-live] a[href$='part=sent'] b", has_text="0").wait_for()

    settle(Delivery.objects.first(), "sent", sent_at=scenes.MORNING)

    page.locator("[data-live] a[href$='part=sent'] b", has_text="1").wait_for()
    assert visitor.complaints == []


def test_a_second_click_on_start_is_not_even_sent(visit):
    scenes.make_brand()
    scenes.make_people(1)
    campaign = playbooks.apply(playbooks.FIRST_ORDER, "Autumn")
    visitor = visit(1280)
    page = visitor.go(at("review", campaign.pk))
    posts = []
    page.on("request", lambda one: one.method == "POST" and posts.append(one.url))

    page.locator("input[name=confirm]").check()
    page.locator("#start button").dblclick()
    page.get_by_text("Started. Messages go out at their hours.").wait_for()

    assert len(posts) == 1
    campaign.refresh_from_db()
    assert campaign.state == "running"


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("es", 390)])
def test_a_campaign_is_changed_while_it_runs(visit, language, width):
    scenes.make_people(3)
    campaign = scenes.start(scenes.make_campaign({}, {"wait_days": 3}))
    advance.advance(scenes.MORNING)
    first, second = drafts.steps_of(campaign)
    text = "Other words, {{ buyer.first_name }}: {{ links.store }}"
    MessageText.objects.filter(message=first.message).update(body=text)
    visitor = visit(width, language)
    page = visitor.go(at("change", campaign.pk))
    visitor.press(f"a[href='{at('revise', campaign.pk)}']")

    card = page.locator(f"#step-{first.pk}")
    card.locator("ins", has_text="Other words").wait_for()
    card.locator("input[value=all]").check()
    later = page.locator(f"#step-{second.pk}")
    later.locator("summary").click()
    later.locator("input[name$=-send_at]").fill("14:15")
    later.locator("[data-add-row]").select_option("registered")
    visitor.look("what-it-would-change")
    Campaign.objects.update(name="By a colleague")
    visitor.press("button.ob-btn--main")

    card.locator("input[value=all]:checked").wait_for()
    assert later.locator("input[name$=-send_at]").input_value() == "14:15"
    visitor.look("a-colleague-was-faster")
    visitor.press("button.ob-btn--main")

    page.locator("[data-live]").wait_for()
    visitor.look("changed")
    second.refresh_from_db()
    assert set(Delivery.objects.values_list("message_version__number")) == {(2,)}
    assert str(second.send_at) == "14:15:00"
    assert conditions.rows(second.only_if) == [Row("registered", True)]
    assert len(visitor.complaints) == 1  # the 422, which the browser notes
