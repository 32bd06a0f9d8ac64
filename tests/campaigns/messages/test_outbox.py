"""Mails that stay here, and the pages that show them."""

from email.message import EmailMessage as Plain
from uuid import uuid4

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.urls import reverse

from campaigns.messages import letters
from campaigns.messages.models import OutboxMail

BACKEND = "campaigns.messages.outbox.EmailBackend"
HTML = '<p>Hello <a href="https://store.example">x</a><script>alert(1)</script></p>'


def keep(count=1, **fields):
    mails = []
    for number in range(count):
        mail = EmailMultiAlternatives(
            **{
                "subject": f"Número {number}",
                "body": "Hola https://store.example",
                "from_email": "a@norte.example",
                "to": [f"b{number}@sur.example"],
                "headers": {"X-Delivery": str(uuid4())},
            }
            | fields
        )
        mail.attach_alternative(HTML, "text/html")
        mail.attach("datos.csv", "a;b", "text/csv")
        mails.append(mail)
    return get_connection(BACKEND).send_messages(mails)


def url(name, *arguments):
    return reverse(f"admin:campaign_messages_outboxmail_{name}", args=arguments)


@pytest.fixture
def mail(db):
    keep()
    return OutboxMail.objects.get()


def test_many_mails_are_kept_in_one_statement(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert keep(25) == 25
    assert OutboxMail.objects.count() == 25


def test_a_mail_is_kept_as_it_would_have_left(db):
    uuid = uuid4()
    keep(headers={"X-Delivery": str(uuid)})
    mail = OutboxMail.objects.get()
    assert mail.delivery_uuid == uuid
    assert mail.recipient == "b0@sur.example"
    letter = letters.read(bytes(mail.raw))
    assert letter.html.strip() == HTML
    assert letter.text.strip() == "Hola https://store.example"
    assert [one.name for one in letter.attachments] == ["datos.csv"]
    assert ("Subject", "Número 0") in letter.headers


def test_mails_of_others_have_no_delivery(db):
    keep(headers={"X-Delivery": "whatever"})
    assert OutboxMail.objects.get().delivery_uuid is None


def test_a_mail_to_nobody_is_not_kept(db):
    assert keep(to=[]) == 0


def test_the_list_finds_by_recipient_and_subject(mail, editor):
    for wanted, found in (("b0@sur", True), ("Número", True), ("nobody", False)):
        page = editor.get(url("changelist"), {"q": wanted})
        assert ("b0@sur.example" in page.content.decode()) == found


def test_a_mail_is_shown_with_all_its_parts(mail, editor):
    page = editor.get(url("change", mail.pk)).content.decode()
    for part in ("Número 0", "datos.csv", "MIME-Version", "b0@sur.example"):
        assert part in page
    assert 'sandbox="allow-popups' in page
    assert "<script>alert(1)" not in page


def test_its_html_runs_nothing_and_opens_links_outside(mail, editor):
    page = editor.get(url("html", mail.pk))
    policy = page["Content-Security-Policy"]
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "script-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert 'target="_blank" rel="noopener noreferrer"' in page.content.decode()


def test_it_is_downloaded_never_shown(mail, administrator):
    editor = administrator
    page = editor.get(url("raw", mail.pk))
    assert page["Content-Disposition"].startswith("attachment")
    assert page.content == bytes(mail.raw)
    page = editor.get(url("attachment", mail.pk, 0))
    assert page["Content-Disposition"].startswith("attachment")
    assert page["Content-Type"] == "application/octet-stream"
    assert page.content.strip() == b"a;b"
    assert editor.get(url("attachment", mail.pk, 5)).status_code == 404


@pytest.mark.parametrize("name", ["change", "html", "raw"])
def test_only_those_who_may_see_it(mail, analyst, rep, client, name):
    address = url(name, mail.pk)
    assert analyst.get(address).status_code == 403
    assert rep.get(address).status_code in (302, 403)
    assert client.get(address).status_code == 302


def test_nobody_writes_or_changes_mails_by_hand(mail, editor):
    assert editor.get(url("add")).status_code == 403
    assert editor.post(url("change", mail.pk), {"subject": "x"}).status_code == 405


def test_a_mail_that_does_not_exist_is_not_found(editor):
    assert editor.get(url("change", 10**9)).status_code == 404


def test_a_plain_mail_without_html_shows_its_text(editor):
    plain = Plain()
    plain["Subject"] = "x"
    plain.set_content("only text")
    mail = OutboxMail.objects.create(
        recipient="a@b.example",
        sender="c@d.example",
        subject="x",
        raw=bytes(plain),
        delivery_uuid=uuid4(),
    )
    assert "only text" in editor.get(url("change", mail.pk)).content.decode()
