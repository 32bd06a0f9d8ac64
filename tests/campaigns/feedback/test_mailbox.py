"""Bounces, complaints and answers that come back by mail."""

from datetime import timedelta

import pytest

from accounts.consent.models import Suppression
from accounts.journal import clock
from campaigns.feedback import mailbox, process, tasks
from campaigns.feedback.mailbox import MailboxTrouble
from campaigns.feedback.models import Bookmark, Post, Report
from campaigns.sequences.models import Enrolment
from tests.support import imap_server

pytestmark = pytest.mark.django_db
GONE = "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 user unknown"
FULL = "Status: 4.2.2\r\nDiagnostic-Code: smtp; 452 4.2.2 mailbox full"


@pytest.fixture
def box(settings):
    with imap_server.running() as running:
        settings.BOUNCE_MAILBOX = {
            "encryption": "imap",
            "host": "127.0.0.1",
            "port": running.port,
            "user": "bounces@distributor.example",
            "password": "secret",
            "folder": "INBOX",
        }
        yield running


@pytest.fixture
def read(box, settings):
    """Fetch what is new, and read it."""

    def read():
        fetched = mailbox.fetch(settings.BOUNCE_MAILBOX, clock.now())
        process.process(clock.now())
        return fetched

    return read


def mail(*lines):
    return "\r\n".join(lines).encode() + b"\r\n"


def bounce(delivery, status=GONE, action="failed", recipient=None, number=1):
    """RFC 3464: a notice, the report, and the headers of what came back."""
    recipient = recipient or delivery.email
    return mail(
        "From: MAILER-DAEMON@mail.example",
        "To: hello@distributor.example",
        f"Message-ID: <notice-{number}@mail.example>",
        "Subject: Undelivered Mail Returned to Sender",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="cut"',
        "",
        "--cut",
        "Content-Type: text/plain",
        "",
        f"We could not deliver your message to {recipient}.",
        "--cut",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mail.example",
        "",
        f"Final-Recipient: rfc822; {recipient}",
        f"Action: {action}",
        *status.split("\r\n"),
        "",
        "--cut",
        "Content-Type: text/rfc822-headers",
        "",
        "From: hello@distributor.example",
        f"To: {delivery.email}",
        f"Message-ID: <{delivery.uuid}@distributor.example>",
        f"X-Delivery: {delivery.uuid}",
        "",
        "--cut--",
    )


def complaint(delivery):
    """RFC 5965: a feedback loop's report, with our whole message."""
    return mail(
        "From: fbl@mail.example",
        "Message-ID: <arf-1@mail.example>",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=feedback-report; boundary="cut"',
        "",
        "--cut",
        "Content-Type: text/plain",
        "",
        "This is an abuse report.",
        "--cut",
        "Content-Type: message/feedback-report",
        "",
        "Feedback-Type: abuse",
        "Version: 1",
        f"Original-Rcpt-To: <{delivery.email}>",
        "",
        "--cut",
        "Content-Type: message/rfc822",
        "",
        f"To: {delivery.email}",
        f"Message-ID: <{delivery.uuid}@distributor.example>",
        "",
        "Hello",
        "--cut--",
    )


def answer(delivery, *headers, sender=None):
    return mail(
        f"From: Ana <{sender or delivery.email}>",
        "To: hello@distributor.example",
        "Message-ID: <answer-1@company.example>",
        f"In-Reply-To: <{delivery.uuid}@distributor.example>",
        "Subject: Re: Welcome",
        *headers,
        "",
        "My telephone number is 600 000 000.",
    )


def reports():
    found = Report.objects.order_by("pk").values_list("kind", "delivery_id")
    return list(found)


def left(delivery):
    row = Enrolment.objects.get(pk=delivery.enrolment_id)
    return row.state, row.exit_reason


def test_a_bounce_by_mail_gives_the_address_up(sent, box, read):
    box.add(bounce(sent))
    assert read() == 1
    assert reports() == [("hard", sent.pk)]
    assert Suppression.objects.get().reason == "bounced"


@pytest.mark.parametrize(
    ("status", "action", "kind"),
    [
        (FULL, "failed", "soft"),
        ("Status: 5.7.1\r\nDiagnostic-Code: smtp; 550 5.7.1 blocked", "failed", "soft"),
        ("Status: 5.0.0", "failed", "soft"),
        (FULL, "delayed", "deferred"),
        ("Status: 2.0.0", "delivered", "delivered"),
        ("Status: 2.0.0", "relayed", "accepted"),
    ],
)
def test_what_is_no_end_gives_nothing_up(sent, box, read, status, action, kind):
    box.add(bounce(sent, status, action))
    read()
    assert reports() == [(kind, sent.pk)]
    assert not Suppression.objects.exists()


def test_a_bounce_of_somebody_elses_address_has_no_effect(sent, box, read):
    box.add(bounce(sent, recipient="other@company.example"))
    read()
    assert reports() == [("hard", None)]
    assert not Suppression.objects.exists()


def test_a_complaint_by_mail_is_a_complaint(sent, box, read):
    box.add(complaint(sent))
    read()
    assert reports() == [("complained", sent.pk)]
    assert left(sent) == ("exited", "complained")


def test_who_answers_leaves_the_sequence(sent, box, read):
    box.add(answer(sent))
    read()
    assert left(sent) == ("exited", "replied")


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Precedence: auto_reply",
        "X-Autoreply: yes",
        "Return-Path: <>",
    ],
)
def test_an_automatic_reply_is_no_answer(sent, box, read, header):
    box.add(answer(sent, header))
    read()
    assert reports() == [("answered", sent.pk)]
    assert left(sent) == ("active", "")


def test_nor_is_one_that_only_its_subject_gives_away(sent, box, read):
    automatic = answer(sent).replace(
        b"Re: Welcome", b"=?utf-8?q?Respuesta_autom=C3=A1tica=3A_Welcome?="
    )
    box.add(automatic)
    read()
    assert reports() == [("answered", sent.pk)]


def test_somebody_else_who_answers_stops_nothing(sent, box, read):
    box.add(answer(sent, sender="eve@evil.example"))
    read()
    assert reports() == [("replied", None)]
    assert left(sent) == ("active", "")


def test_other_mail_says_nothing_to_us(sent, box, read):
    box.add(mail("From: bob@company.example", "Subject: Lunch?", "", "At noon?"))
    read()
    assert reports() == []
    assert Post.objects.get().state == "read"


def test_the_mailbox_is_only_read_and_of_letters_only_the_headers(sent, box, read):
    box.add(answer(sent))
    mailbox.fetch(box_settings(), clock.now())
    assert b"telephone" not in bytes(Post.objects.get().body)
    asked = [one.split()[0] for one in box.commands]
    assert "EXAMINE" in asked
    assert not any("STORE" in one or "SELECT" in one for one in box.commands)


def box_settings():
    from django.conf import settings

    return settings.BOUNCE_MAILBOX


def test_it_goes_on_where_it_stopped(sent, box, read):
    for number in range(3):
        box.add(bounce(sent, FULL, number=number))
    assert read() == 3
    assert read() == 0
    box.add(bounce(sent, FULL, number=4))
    assert read() == 1
    assert len(reports()) == 4


def test_many_mails_come_in_portions(sent, box, read, monkeypatch):
    monkeypatch.setattr(mailbox, "BATCH", 2)
    for number in range(5):
        box.add(bounce(sent, FULL, number=number))
    assert read() == 5
    assert len(reports()) == 5


def test_a_folder_that_counts_anew_is_read_anew_and_counts_once(sent, box, read):
    box.add(bounce(sent))
    read()
    box.validity = 2
    assert read() == 1
    assert reports() == [("hard", sent.pk)]
    assert Bookmark.objects.get().validity == 2


def test_a_connection_that_breaks_loses_nothing(sent, box, read):
    box.add(bounce(sent))
    box.broken = True
    with pytest.raises(MailboxTrouble):
        read()
    box.broken = False
    assert read() == 1


def test_a_wrong_password_is_said_without_the_password(box, settings):
    settings.BOUNCE_MAILBOX = {**settings.BOUNCE_MAILBOX, "password": "guess"}
    with pytest.raises(MailboxTrouble) as trouble:
        mailbox.fetch(settings.BOUNCE_MAILBOX, clock.now())
    assert "guess" not in str(trouble.value)


def test_the_job_reads_it_and_bears_that_it_cannot(sent, box, settings):
    box.add(bounce(sent))
    tasks.read_mailbox()
    assert Post.objects.count() == 1
    settings.BOUNCE_MAILBOX = {**settings.BOUNCE_MAILBOX, "port": 1}
    tasks.read_mailbox()
    settings.BOUNCE_MAILBOX = {}
    tasks.read_mailbox()


def test_posts_of_long_ago_are_forgotten(sent, box, read):
    box.add(bounce(sent))
    read()
    Post.objects.update(received_at=clock.now() - timedelta(days=91))
    tasks.forget()
    assert not Post.objects.exists()
    assert Report.objects.count() == 1
