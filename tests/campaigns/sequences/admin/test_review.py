"""Before the start: who gets what and when; nobody starts what she has not seen."""

import pytest
from django.core import mail

from accounts.consent.models import Permission
from accounts.customers.models import Account, Buyer
from campaigns.messages.domains.findings import Finding
from campaigns.messages.models import SenderDomain
from campaigns.sequences.audiences import conditions
from campaigns.sequences.models import Campaign, CampaignAct, Delivery, Enrolment
from campaigns.sequences.planning import drafts, lifecycle
from campaigns.sequences.rows import Row
from tests.campaigns.sequences import scenes

from .conftest import at

pytestmark = pytest.mark.django_db


def confirmed(client, campaign):
    """What the page's own form would post."""
    page = client.get(at("review", campaign.pk))
    return {"confirm": "1", "seen": page.context["seen"]}


def test_the_page_tells_who_gets_what_and_when_by_her_own_clock(manager, draft):
    Account.objects.filter(buyers=Buyer.objects.first()).update(
        time_zone="America/Mexico_City", country="MX"
    )

    page = manager.get(at("review", draft.pk))

    zones = {wave.zone: wave.buyers for wave in page.context["waves"]}
    assert zones == {"Europe/Madrid": 2, "America/Mexico_City": 1}
    for one in page.context["people"]:
        assert [due.local[-5:] for due in one.dues] == ["09:30", "09:30", "09:30"]
    assert "America/Mexico_City" in page.content.decode()


def test_the_hours_count_only_who_gets_the_messages(manager, draft):
    buyer = Buyer.objects.first()
    Permission.objects.filter(buyer=buyer).delete()

    page = manager.get(at("review", draft.pk))

    assert sum(wave.buyers for wave in page.context["waves"]) == 2
    assert page.context["count"].reachable == 2


def test_a_test_is_confirmed_beside_its_button(manager, draft):
    step = draft.versions.get().steps.first()
    page = manager.post(at("test", draft.pk, step.pk), {"language": "es"}, follow=True)
    told = page.text.partition('id="messages"')[2]
    assert f"Sent to {manager.user.email}." in told


def test_what_is_foretold_is_what_is_planned(manager, draft):
    """The same schedule: the review's first time is the enrolment's."""
    page = manager.get(at("review", draft.pk))
    foretold = {one.buyer.pk: one.dues[0].at for one in page.context["people"]}

    manager.post(at("start", draft.pk), confirmed(manager, draft))

    planned = dict(Enrolment.objects.values_list("buyer", "due_at"))
    assert planned == foretold


def test_a_condition_that_does_not_hold_today_is_marked(manager, draft):
    page = manager.get(at("review", draft.pk))

    holds = [due.holds for due in page.context["people"][0].dues]
    assert holds == [None, True, False]


def test_somebody_who_would_not_get_it_is_found_with_the_reason(manager, draft):
    (outside,) = scenes.make_people(1)
    Buyer.objects.filter(pk=outside.pk).update(last_name="Zafra", active=False)

    page = manager.get(at("review", draft.pk), {"search": "zafra"})

    assert page.context["outside"][0][1] == "inactive"
    assert "The buyer is not active" in page.content.decode()


def test_one_who_gets_nothing_is_listed_with_the_reason(manager, draft):
    scenes.make_people(1, permitted=False)

    page = manager.get(at("review", draft.pk))

    reasons = sorted(one.reason for one in page.context["people"])
    assert reasons == ["", "", "", "no_permission"]


def test_each_message_is_shown_as_one_buyer_gets_it(manager, draft):
    buyer = Buyer.objects.first()
    Buyer.objects.filter(pk=buyer.pk).update(first_name="Eulalia")
    second = drafts.steps_of(draft)[1]

    page = manager.get(
        at("review", draft.pk), {"step": second.pk, "buyer": buyer.pk, "language": "es"}
    )

    assert page.context["shown_step"] == second
    assert "Eulalia" in page.context["mail"].text
    assert "invitación" in page.context["mail"].subject.lower()
    html = page.content.decode()
    assert '<iframe class="ob-mail" sandbox=""' in html


def test_a_preview_makes_no_invitation(manager, draft):
    from campaigns.invitations.models import Invitation

    manager.get(at("review", draft.pk), {"buyer": Buyer.objects.first().pk})

    assert not Invitation.objects.exists()


def test_a_message_cannot_break_out_of_the_preview(manager, draft):
    message = drafts.steps_of(draft)[0].message
    message.texts.update(body='"></iframe><script>alert(1)</script>')

    html = manager.get(at("review", draft.pk)).content.decode()

    assert "<script>alert(1)" not in html
    assert '"></iframe><script' not in html


def test_a_test_message_goes_to_whoever_asks_and_to_nobody_else(
    editor, draft, settings
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    step = drafts.steps_of(draft)[0]

    editor.post(at("test", draft.pk, step.pk), {"buyer": Buyer.objects.first().pk})

    (sent,) = mail.outbox
    assert sent.to == [editor.user.email]
    assert sent.subject.startswith("[Test]")
    assert not Delivery.objects.exists()


def test_a_refusing_mail_server_is_told(manager, draft, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    step = drafts.steps_of(draft)[0]

    page = manager.post(at("test", draft.pk, step.pk), follow=True)

    assert "did not take the test message" in page.content.decode()


def test_a_step_of_another_campaign_is_not_sent_as_a_test(manager, draft):
    other = scenes.make_campaign()
    stranger = drafts.steps_of(other)[0]

    assert manager.post(at("test", draft.pk, stranger.pk)).status_code == 404


def test_a_confirmed_start_enrols_the_audience(manager, draft):
    response = manager.post(at("start", draft.pk), confirmed(manager, draft))

    draft.refresh_from_db()
    assert response.url == at("change", draft.pk)
    assert (draft.state, draft.started_by) == ("running", manager.user)
    assert Enrolment.objects.count() == 3


def test_without_the_tick_nothing_starts(manager, draft):
    data = confirmed(manager, draft)
    del data["confirm"]

    page = manager.post(at("start", draft.pk), data, follow=True)

    assert Campaign.objects.get().state == "draft"
    assert "Tick the box" in page.content.decode()


def test_an_audience_that_changed_since_must_be_looked_at_again(manager, draft):
    data = confirmed(manager, draft)
    scenes.make_people(2)

    page = manager.post(at("start", draft.pk), data, follow=True)

    assert Campaign.objects.get().state == "draft"
    assert "now 5 buyers" in page.content.decode()


def test_a_plan_that_changed_since_must_be_looked_at_again(manager, draft):
    data = confirmed(manager, draft)
    drafts.steps_of(draft).filter(position=1).update(wait_days=3)

    manager.post(at("start", draft.pk), data)

    assert Campaign.objects.get().state == "draft"


def test_a_second_click_starts_nothing_twice(manager, draft):
    data = confirmed(manager, draft)

    manager.post(at("start", draft.pk), data)
    response = manager.post(at("start", draft.pk), data)

    assert response.url == at("change", draft.pk)
    assert Enrolment.objects.count() == 3
    assert CampaignAct.objects.filter(act="started").count() == 1


def test_what_is_missing_is_told_and_keeps_it_from_starting(manager, draft):
    draft.audience = conditions.make([Row("country", ["AQ"])])
    draft.save()

    page = manager.get(at("review", draft.pk))
    manager.post(at("start", draft.pk), {"confirm": "1", "seen": page.context["seen"]})

    assert [problem.code for problem in page.context["problems"]] == ["nobody"]
    assert 'name="confirm"' not in page.content.decode()
    assert Campaign.objects.get().state == "draft"


def test_an_editor_sees_everything_and_why_she_cannot_start(editor, draft):
    page = editor.get(at("review", draft.pk))

    html = page.content.decode()
    assert "marketing managers" in html
    assert 'name="confirm"' not in html
    assert editor.post(at("start", draft.pk), {"confirm": "1"}).status_code == 403


def test_the_review_of_a_started_campaign_is_its_page(manager, running):
    assert manager.get(at("review", running.pk)).url == at("change", running.pk)


def test_problems_shown_are_those_that_stop_the_start(manager, draft):
    assert manager.get(at("review", draft.pk)).context["problems"] == []
    assert lifecycle.problems(draft, scenes.MONDAY) == []


def test_a_domain_that_fails_is_told_before_the_start_and_hinders_nobody(
    manager, draft
):
    scenes.make_message()
    unasked = manager.get(at("review", draft.pk)).content.decode()
    SenderDomain.objects.create(
        domain="distributor.example",
        findings=[Finding("spf", "bad", "spf_missing").as_dict()],
        since={"spf": "2026-11-20T08:00:00+00:00"},
    )
    told = "Mail from distributor.example may be refused or taken for spam: SPF, since"
    assert told not in unasked
    assert told in manager.get(at("review", draft.pk)).content.decode()
    manager.post(at("start", draft.pk), confirmed(manager, draft))
    draft.refresh_from_db()
    assert draft.state != Campaign.State.DRAFT
