"""Writing messages in the admin."""

import pytest
from django.core import mail as django_mail
from django.core.cache import cache
from django.urls import reverse

from accounts.journal.models import Event
from accounts.staff.models import Role
from campaigns.messages import copies, placeholders, publish, testing
from campaigns.messages.models import Message, MessageVersion, VersionText

from .conftest import client_for
from .mails import AT


def url(name, *arguments):
    return reverse(f"admin:campaign_messages_message_{name}", args=arguments)


def form(brand, **fields):
    return {
        "name": "Welcome",
        "purpose": "marketing",
        "brand": brand.pk,
        "en-subject": "Hi",
        "en-preheader": "",
        "en-body": "Hello",
        "es-subject": "",
        "es-preheader": "",
        "es-body": "",
        "tab": "en",
    } | fields


def draft(sender, **fields):
    return {
        "language": "en",
        "purpose": "marketing",
        "brand": sender.pk,
        "subject": "Hi {{ buyer.first_name }}",
        "preheader": "",
        "body": "Dear {{ account.name }}, [go]({{ links.store }})",
        "buyer": "",
    } | fields


def test_a_message_is_written_in_the_languages_that_are_filled_in(editor, brand):
    answer = editor.post(url("add"), form(brand))
    message = Message.objects.get()
    assert answer.url == url("change", message.pk) + "#en"
    assert [text.language for text in message.texts.all()] == ["en"]
    answer = editor.post(url("change", message.pk), form(brand, **{"es-body": "Hola"}))
    assert answer.status_code == 302, answer.context["editor"].texts["es"].errors
    assert sorted(text.language for text in message.texts.all()) == ["en", "es"]
    editor.post(url("change", message.pk), form(brand))
    assert [text.language for text in message.texts.all()] == ["en"]


def test_who_saves_later_is_told_and_may_save_again(editor, message, brand):
    page = editor.get(url("change", message.pk))
    seen = page.context["editor"].form["seen"].value()
    first = form(brand, seen=seen, **{"en-body": "First"})
    assert editor.post(url("change", message.pk), first).status_code == 302
    second = form(brand, seen=seen, **{"en-body": "Second"})
    page = editor.post(url("change", message.pk), second)
    assert "somebody else changed this" in page.text
    assert "Second" in page.text
    assert message.texts.get(language="en").body == "First"
    again = second | {"seen": page.context["editor"].form["seen"].value()}
    assert editor.post(url("change", message.pk), again).status_code == 302
    assert message.texts.get(language="en").body == "Second"


def test_it_is_kept_who_changed_a_message(editor, message, brand):
    editor.post(url("change", message.pk), form(brand))
    page = editor.get(url("history", message.pk)).content.decode()
    assert "Eva" in page


def test_a_draft_with_problems_can_be_saved_and_says_what_is_missing(editor, brand):
    data = form(brand, **{"en-body": "Hi {{ buyer.nickname }}"})
    assert "It cannot be sent yet" in editor.post(url("add"), data, follow=True).text
    page = editor.get(url("change", Message.objects.get().pk)).content.decode()
    assert "buyer.nickname” is not a placeholder" in page


def test_an_unsafe_subject_is_refused_at_the_form(editor, brand):
    answer = editor.post(url("add"), form(brand, **{"en-subject": "a\u202eb"}))
    assert answer.status_code == 200
    assert "invisible control characters" in answer.content.decode()
    assert not Message.objects.exists()


def test_without_a_brand_there_is_no_sender(manager):
    assert manager.get(url("add")).url == reverse("admin:campaign_messages_brand_add")


def test_who_may_not_set_one_up_is_told_who_may(editor):
    page = editor.get(url("add"), follow=True)
    assert page.status_code == 200
    assert "A marketing manager has to set it up first." in page.content.decode()


def test_the_page_offers_every_placeholder(editor, message):
    page = editor.get(url("change", message.pk)).content.decode()
    for name in ("buyer.first_name", "links.unsubscribe", "rep.phone"):
        assert f'data-placeholder="{name}"' in page
    assert "<script>" not in page.partition("<main")[2]


def test_every_group_of_placeholders_has_a_title(editor, message):
    page = editor.get(url("change", message.pk))

    titles = {str(group["title"]) for group in page.context["groups"]}
    assert "Training session" in titles
    assert not titles & {one.group for one in placeholders.known().values()}


def test_the_preview_fills_a_draft_with_samples(editor, brand):
    found = editor.post(url("preview"), draft(brand)).json()
    assert found["subject"] == "Hi Ana"
    assert "Dear Suministros Ejemplo, S.L." in found["html"]
    assert 'target="_blank" rel="noopener noreferrer"' in found["html"]
    assert "Dear Suministros Ejemplo, S.L., go (" in found["text"]
    assert found["problems"] == []
    assert not Message.objects.exists()


def test_the_preview_is_as_a_given_buyer_reads_it(editor, brand, buyer):
    found = editor.post(url("preview"), draft(brand, buyer=buyer.pk)).json()
    assert "Dear Talleres Ebro S.L." in found["html"]
    # A preview makes no link that opens anything of hers.
    assert "/u/sample" in found["html"]


def test_the_preview_tells_problems_with_their_line(editor, brand):
    body = "one\n\n{{ buyer.nickname }}"
    (problem,) = editor.post(url("preview"), draft(brand, body=body)).json()["problems"]
    assert problem["field"] == "body"
    assert problem["line"] == 3
    found = editor.post(url("preview"), draft(brand, body="{% if %}")).json()
    assert found["html"] is None
    assert found["problems"]


def test_a_preview_shows_a_script_as_text(editor, brand):
    found = editor.post(url("preview"), draft(brand, body="<script>x</script>")).json()
    assert "<script" not in found["html"]


@pytest.mark.parametrize(
    "fields", [{"language": "xx"}, {"brand": "0"}, {"brand": "x"}, {"purpose": "x"}]
)
def test_a_draft_of_nothing_known_is_refused(editor, brand, fields):
    for name in ("preview", "test"):
        assert editor.post(url(name), draft(brand, **fields)).status_code == 400


def test_buyers_are_found_by_name_address_and_company(editor, buyer):
    for wanted in ("garcía", "ana talleres", buyer.email, "10042"):
        found = editor.get(url("buyers"), {"q": wanted}).json()["buyers"]
        assert [one["id"] for one in found] == [buyer.pk], wanted
    assert editor.get(url("buyers"), {"q": "nobody"}).json()["buyers"] == []


def test_a_test_goes_to_who_asks_and_nowhere_else(editor, brand, buyer, mailoutbox):
    answer = editor.post(url("test"), draft(brand, buyer=buyer.pk, to="x@y.example"))
    assert "eva@norte.example" in answer.json()["sentence"]
    (mail,) = mailoutbox
    assert mail.to == ["eva@norte.example"]
    assert mail.subject == "[Test] Hi Ana"
    assert "X-Delivery" not in mail.extra_headers
    assert "List-Unsubscribe" not in mail.extra_headers
    assert not Event.objects.exists()
    assert not MessageVersion.objects.exists()


def test_a_broken_draft_is_not_sent_as_a_test(editor, brand, mailoutbox):
    answer = editor.post(url("test"), draft(brand, body="{% if %}"))
    assert answer.status_code == 409
    assert mailoutbox == []


def test_a_mail_server_that_is_away_is_told(editor, brand, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = editor.post(url("test"), draft(brand))
    assert answer.status_code == 502
    assert "did not take" in answer.json()["sentence"]
    assert not hasattr(django_mail, "outbox") or django_mail.outbox == []


def test_a_copy_has_the_texts_and_none_of_the_history(editor, message):
    publish.publish(message, None, AT)
    answer = editor.post(url("copy", message.pk))
    twin = Message.objects.latest("pk")
    assert answer.url == url("change", twin.pk)
    assert twin.name == "Copy of Welcome"
    assert twin.texts.count() == message.texts.count()
    assert not twin.versions.exists()


def test_a_copy_of_a_starter_is_nobodys_starter(message):
    Message.objects.update(starter="invitation.invitation")
    message.refresh_from_db()
    assert copies.copy(message).starter == ""


def test_a_version_shows_exactly_what_was_said(editor, message):
    version = publish.publish(message, None, AT)
    page = editor.get(url("version", message.pk, 1)).content.decode()
    assert "Welcome, {{ buyer.first_name }}" in page
    html = editor.get(url("version_html", message.pk, 1, "en"))
    text = VersionText.objects.get(version=version, language="en")
    assert html.content.decode().replace(
        ' target="_blank" rel="noopener noreferrer"', ""
    ) == (text.html)
    assert "sandbox" in html["Content-Security-Policy"]
    assert editor.get(url("version_html", message.pk, 1, "fr")).status_code == 404
    assert editor.post(url("version", message.pk, 1)).status_code == 405


GETS = ["changelist", "add", "change", "version", "version_html", "buyers", "history"]


def address(name, message):
    arguments = {
        "change": (message.pk,),
        "history": (message.pk,),
        "version": (message.pk, 1),
        "version_html": (message.pk, 1, "en"),
    }
    return url(name, *arguments.get(name, ()))


@pytest.mark.parametrize("name", GETS)
def test_no_get_changes_anything(editor, message, name, django_assert_max_num_queries):
    publish.publish(message, None, AT)
    before = list(Message.objects.values()), list(VersionText.objects.values())
    assert editor.get(address(name, message)).status_code == 200
    after = list(Message.objects.values()), list(VersionText.objects.values())
    assert before == after


@pytest.mark.parametrize("name", ["preview", "test"])
def test_what_acts_or_reads_a_draft_wants_a_post(editor, name):
    assert editor.get(url(name)).status_code == 405


@pytest.mark.parametrize("name", GETS[:-1])
def test_analysts_and_reps_stay_out(analyst, rep, client, message, name):
    publish.publish(message, None, AT)
    assert analyst.get(address(name, message)).status_code == 403
    assert rep.get(address(name, message)).status_code in (302, 403)
    assert client.get(address(name, message)).status_code == 302


@pytest.mark.parametrize("name", ["preview", "test"])
def test_analysts_neither_preview_nor_test(analyst, brand, mailoutbox, name):
    assert analyst.post(url(name), draft(brand)).status_code == 403
    assert mailoutbox == []


def test_analysts_neither_save_nor_copy(analyst, message, brand):
    assert analyst.post(url("change", message.pk), form(brand)).status_code == 403
    assert analyst.post(url("copy", message.pk)).status_code == 403
    assert Message.objects.count() == 1


@pytest.mark.parametrize("role", [Role.MARKETING_MANAGER, Role.ADMINISTRATOR])
def test_managers_and_administrators_write_too(role, message):
    client = client_for(role)
    assert client.get(url("change", message.pk)).status_code == 200


def test_the_list_needs_as_many_queries_for_many_messages(
    editor, brand, django_assert_max_num_queries
):
    for number in range(12):
        Message.objects.create(brand=brand, name=f"M{number}")
    with django_assert_max_num_queries(16):
        editor.get(url("changelist"))


def test_tests_are_not_sent_without_end(editor, brand, monkeypatch):
    cache.clear()
    monkeypatch.setattr(testing, "MOST", 2)
    answers = [editor.post(url("test"), draft(brand)).status_code for _ in range(3)]
    assert answers == [200, 200, 429]
    assert len(django_mail.outbox) == 2
    assert {to for mail in django_mail.outbox for to in mail.to} == {
        "eva@norte.example"
    }
