"""The outbox holds links that make their reader somebody else."""

import re
from email.message import EmailMessage
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage as Mail
from django.core.mail import get_connection
from django.test import Client
from django.urls import reverse

from accounts.staff.models import Role
from campaigns.messages.models import OutboxMail
from tests.factories import UserFactory

BACKEND = "campaigns.messages.outbox.EmailBackend"
TOKEN = "AbcdEfgh-1234_5678xyzAbcdEfgh-1234_5678xyz99"
DOORS = ("change", "html", "raw")


def url(name, *arguments):
    return reverse(f"admin:campaign_messages_outboxmail_{name}", args=arguments)


@pytest.fixture
def reset_mail(db, settings):
    """What the log-in writes when a stranger asks for the administrator's password."""
    cache.clear()  # resets are throttled
    settings.EMAIL_BACKEND = BACKEND
    UserFactory(role=Role.ADMINISTRATOR, email="admin@norte.example")
    Client().post(reverse("account_reset_password"), {"email": "admin@norte.example"})
    return OutboxMail.objects.get()


@pytest.fixture
def campaign_mail(db):
    mail = Mail(
        "Welcome",
        f"Come in: https://a.example/i/{TOKEN} or /t/{TOKEN}/sessions",
        "a@norte.example",
        ["ana@sur.example"],
        headers={
            "X-Delivery": str(uuid4()),
            "List-Unsubscribe": f"<https://a.example/u/{TOKEN}>",
        },
    )
    mail.attach("seat.ics", f"URL:https://a.example//t//{TOKEN}", "text/calendar")
    get_connection(BACKEND).send_messages([mail])
    return OutboxMail.objects.get()


@pytest.mark.parametrize("demo", [False, True])
@pytest.mark.parametrize("role", ["editor", "manager"])
def test_links_for_new_passwords_are_for_administrators_only(
    reset_mail, request, role, demo, settings
):
    settings.DEMO = demo
    reader = request.getfixturevalue(role)
    for name in DOORS:
        assert reader.get(url(name, reset_mail.pk)).status_code == 404
    assert reset_mail.subject not in reader.get(url("changelist")).content.decode()
    found = reader.get(url("changelist"), {"q": "admin@norte"}).content.decode()
    assert "admin@norte.example" not in found.replace('value="admin@norte', "")


def test_administrators_read_them(reset_mail, administrator):
    page = administrator.get(url("change", reset_mail.pk)).content.decode()
    assert re.search(r"/accounts/password/reset/key/\w+-", page)
    for name in DOORS:
        assert administrator.get(url(name, reset_mail.pk)).status_code == 200


def test_neighbours_that_one_may_not_see_are_not_offered(
    reset_mail, campaign_mail_after, editor
):
    page = editor.get(url("change", campaign_mail_after.pk)).content.decode()
    assert url("change", reset_mail.pk) not in page


@pytest.fixture
def campaign_mail_after(reset_mail):
    return OutboxMail.objects.create(
        delivery_uuid=uuid4(),
        recipient="ana@sur.example",
        sender="a@norte.example",
        subject="Later",
        raw=bytes(EmailMessage()),
    )


@pytest.mark.parametrize("role", ["editor", "manager"])
def test_marketing_reads_campaign_mails_without_personal_links(
    campaign_mail, request, role
):
    reader = request.getfixturevalue(role)
    for name in ("change", "html"):
        page = reader.get(url(name, campaign_mail.pk))
        assert page.status_code == 200
        assert TOKEN not in page.content.decode()
    page = reader.get(url("change", campaign_mail.pk)).content.decode()
    assert "/i/hidden" in page
    assert url("raw", campaign_mail.pk) not in page
    for refused in (
        url("raw", campaign_mail.pk),
        url("attachment", campaign_mail.pk, 0),
    ):
        assert reader.get(refused).status_code == 403


def test_in_the_demo_the_customer_s_link_works(campaign_mail, editor, settings):
    settings.DEMO = True
    page = editor.get(url("change", campaign_mail.pk)).content.decode()
    assert f"/i/{TOKEN}" in page
    assert editor.get(url("raw", campaign_mail.pk)).status_code == 200
    assert editor.get(url("attachment", campaign_mail.pk, 0)).status_code == 200


def test_administrators_see_the_whole_mail(campaign_mail, administrator):
    page = administrator.get(url("change", campaign_mail.pk)).content.decode()
    assert f"/i/{TOKEN}" in page


def test_a_test_mail_is_seen_by_marketing(db, editor):
    mail = Mail(
        "[Test] x", "y", "a@b.example", ["e@b.example"], headers={"X-Trial": "yes"}
    )
    get_connection(BACKEND).send_messages([mail])
    kept = OutboxMail.objects.get()
    assert editor.get(url("change", kept.pk)).status_code == 200


@pytest.mark.parametrize("role", ["editor", "manager", "administrator"])
def test_nobody_deletes_the_evidence(campaign_mail, request, role):
    reader = request.getfixturevalue(role)
    answer = reader.post(url("delete", campaign_mail.pk), {"post": "yes"})
    assert answer.status_code == 403
    reader.post(
        url("changelist"),
        {
            "action": "delete_selected",
            "_selected_action": [campaign_mail.pk],
            "post": "yes",
        },
    )
    assert OutboxMail.objects.filter(pk=campaign_mail.pk).exists()
