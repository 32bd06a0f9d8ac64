import email
import email.policy
from datetime import timedelta

import pytest

from accounts.consent import suppression
from campaigns.messages import publish
from campaigns.messages.attachments import Attachment
from campaigns.sequences import arming, notices
from campaigns.sequences.models import Delivery, DeliveryAttachment
from campaigns.sequences.notices import Notice
from campaigns.sequences.sending.deliver import deliver

from .scenes import MONDAY, MORNING, make_message, make_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def confirmation():
    arming.arm(None, MONDAY)
    return publish.publish(make_message(purpose="service"), None, MONDAY).pk


def test_a_notice_is_planned_once(confirmation):
    (ana,) = make_people(1)
    notice = Notice("training.seat:1:rev1", confirmation, ana.pk, MORNING)
    assert notices.plan([notice]) == 1
    assert notices.plan([notice, notice]) == 0
    delivery = Delivery.objects.get()
    assert (delivery.campaign, delivery.enrolment, delivery.step) == (None, None, None)
    assert (delivery.local_due, delivery.zone) == ("2026-11-23 09:30", "Europe/Madrid")


def test_a_revision_is_another_notice(confirmation):
    (ana,) = make_people(1)
    for revision in (1, 2):
        key = f"training.seat:1:rev{revision}"
        assert notices.plan([Notice(key, confirmation, ana.pk, MORNING)]) == 1


def test_two_people_at_one_mailbox_both_get_theirs(confirmation, worker, smtp):
    ana, ben = make_people(2)
    ben.email = ana.email
    ben.save()
    notices.plan(
        [Notice(f"seat:{who.pk}", confirmation, who.pk, MORNING) for who in (ana, ben)]
    )
    deliver(MORNING, worker=worker)
    assert smtp.recipients() == {ana.email: 2}


def test_it_goes_out_at_night_and_to_whom_marketing_may_not_write(
    confirmation, worker, smtp
):
    (ana,) = make_people(1, permitted=False)
    suppression.suppress(
        ana.address_hash, "marketing", reason="unsubscribed", source="t", at=MONDAY
    )
    night = MORNING + timedelta(hours=14)
    notices.plan([Notice("seat:1", confirmation, ana.pk, night)])
    assert deliver(night, worker=worker).states == {"sent": 1}


def test_it_obeys_bounces_and_its_own_last_minute(confirmation, worker, smtp):
    ana, ben = make_people(2)
    suppression.suppress(
        ana.address_hash, "all", reason="bounced", source="t", at=MONDAY
    )
    late = MORNING + timedelta(hours=2)
    notices.plan(
        [
            Notice("seat:1", confirmation, ana.pk, MORNING),
            Notice("seat:2", confirmation, ben.pk, MORNING, not_after=MORNING),
        ]
    )
    deliver(late, worker=worker)
    assert sorted(Delivery.objects.values_list("reason", flat=True)) == [
        "suppressed",
        "too_late",
    ]
    assert smtp.mails == []


CALENDAR = Attachment(
    "invite.ics",
    "text/calendar; method=REQUEST",
    "BEGIN:VCALENDAR\r\nSUMMARY:Formación 😀\r\nEND:VCALENDAR\r\n".encode(),
)


def test_what_is_attached_goes_out_with_its_own_notice(confirmation, worker, smtp):
    ana, ben = make_people(2)
    picture = Attachment("plan.png", "image/png", b"\x89PNG\r\n\x00")
    notices.plan(
        [
            Notice("seat:1", confirmation, ana.pk, MORNING, None, [CALENDAR, picture]),
            Notice("seat:2", confirmation, ben.pk, MORNING),
        ]
    )
    assert deliver(MORNING, worker=worker).states == {"sent": 2}
    mails = {
        mail.recipient: email.message_from_bytes(mail.raw, policy=email.policy.default)
        for mail in smtp.mails
    }
    calendar, image = mails[ana.email].iter_attachments()
    assert calendar.get_content_type() == "text/calendar"
    assert calendar["Content-Type"].params["method"] == "REQUEST"
    assert calendar.get_filename() == "invite.ics"
    assert calendar.get_content() == CALENDAR.content.decode()
    assert image.get_content() == picture.content
    assert list(mails[ben.email].iter_attachments()) == []


def test_a_repeated_notice_keeps_the_files_it_was_planned_with(confirmation):
    (ana,) = make_people(1)
    notice = Notice("seat:1", confirmation, ana.pk, MORNING, None, [CALENDAR])
    assert notices.plan([notice, notice]) == 1
    assert notices.plan([notice]) == 0
    assert DeliveryAttachment.objects.count() == 1
