"""A delivery's pages are titled as people would call it; logs hold its number."""

import pytest
from django.urls import reverse

from accounts.customers.models import Buyer
from campaigns.messages.models import Message
from campaigns.sequences.models import Delivery

from .conftest import at, settle

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery(running):
    Buyer.objects.update(first_name="Ana", last_name="Sanz")
    return Delivery.objects.select_related("buyer", "step").earliest("pk")


def page(client, name, delivery):
    return client.get(reverse(f"admin:sequences_delivery_{name}", args=[delivery.pk]))


def test_it_is_titled_by_who_what_and_when(manager, delivery):
    shown = page(manager, "change", delivery)

    title = f"Ana Sanz · {delivery.step} · Mon 23 Nov 2026 09:30"
    assert shown.context["title"] == title
    assert f"<title> {title} |" in " ".join(shown.text.split())
    head, _sep, _content = shown.text.partition('id="content-main"')
    assert head.count(title) >= 2, "the window's title and the breadcrumb"
    assert str(delivery) not in head
    assert "View delivery" not in shown.text


def test_in_spanish_too(manager, delivery):
    manager.user.language = "es"
    manager.user.save()

    shown = page(manager, "change", delivery)

    assert "Vista envío" not in shown.text
    assert shown.context["title"].endswith(" · lun 23 nov 2026 09:30")


def test_its_history_is_titled_alike(manager, delivery):
    shown = page(manager, "history", delivery)

    assert shown.context["title"].startswith("Ana Sanz · ")
    assert str(delivery) not in shown.text


def test_who_has_no_name_is_called_by_her_address(manager, delivery):
    Buyer.objects.update(first_name="", last_name="")

    shown = page(manager, "change", delivery)

    assert shown.context["title"].startswith(f"{delivery.buyer.email} · ")


@pytest.fixture
def notice(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(
        step=None, enrolment=None, campaign=None, notice="training.seat:1"
    )
    delivery.refresh_from_db()
    return delivery


def test_a_notice_is_called_by_its_message(manager, notice):
    shown = page(manager, "change", notice)

    assert f" · {notice.message_version.message} · " in shown.context["title"]


def test_so_it_is_in_lists(manager, notice):
    settle(notice, "unknown", reason="no_answer")
    Message.objects.filter(versions=notice.message_version).update(name="Your seat")

    for url in (reverse("admin:sequences_delivery_changelist"), at("unknown")):
        shown = manager.get(url).text
        assert shown.count("Your seat") >= 1
        assert notice.notice not in shown


def test_what_logs_hold_of_it_names_nobody(delivery):
    assert str(delivery) == str(delivery.uuid)


def test_one_that_is_gone_leads_back_to_the_list(manager):
    gone = reverse("admin:sequences_delivery_history", args=[987654])

    assert manager.get(gone).status_code == 302
