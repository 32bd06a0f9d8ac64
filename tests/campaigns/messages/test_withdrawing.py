"""Published links are taken back by a person, and it is remembered by whom."""

from threading import Barrier

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.urls import reverse

from campaigns.messages import publish, withdrawing
from campaigns.messages.models import PublishedLink
from tests.campaigns.sequences.scenes import make_message
from tests.factories import UserFactory
from tests.races import at_once

from .mails import AT

LIST = "admin:campaign_messages_publishedlink_changelist"
HISTORY = "admin:campaign_messages_publishedlink_history"


@pytest.fixture
def link(db):
    text = "[a](https://a.example) [b](https://b.example)"
    publish.publish(make_message(text=text), UserFactory(), AT)
    return PublishedLink.objects.get(number=1)


@pytest.fixture
def manager(db, client):
    user = UserFactory(role="marketing_manager")
    client.force_login(user)
    return user


def choose(client, action, link):
    """What the list answers, and the link as it stands then."""
    data = {"action": action, "_selected_action": [link.pk]}
    page = client.post(reverse(LIST), data, follow=True)
    link.refresh_from_db()
    return page.content.decode()


def deeds():
    entries = LogEntry.objects.order_by("pk")
    return [(one.user, one.object_id, one.change_message) for one in entries]


def test_a_person_withdraws_an_address_and_lets_it_lead_on_again(client, manager, link):
    assert "1 link changed" in choose(client, "withdraw", link)
    assert link.withdrawn_by == manager
    assert link.withdrawn_at
    assert PublishedLink.objects.get(number=2).withdrawn_at is None
    choose(client, "restore", link)
    assert (link.withdrawn_at, link.withdrawn_by) == (None, None)


def test_both_deeds_are_remembered(client, manager, link):
    choose(client, "withdraw", link)
    colleague = UserFactory(role="marketing_manager")
    client.force_login(colleague)
    choose(client, "restore", link)
    number = str(link.pk)
    assert deeds() == [
        (manager, number, withdrawing.WITHDRAWN),
        (colleague, number, withdrawing.RESTORED),
    ]
    history = reverse(HISTORY, args=[link.pk])
    assert history in client.get(reverse(LIST)).content.decode()
    page = client.get(history).content.decode()
    assert "Withdrawn." in page
    assert "Leads on again." in page


def test_each_reads_of_them_in_her_own_language(client, manager, link):
    choose(client, "withdraw", link)
    choose(client, "restore", link)
    # Kept as words by an earlier version.
    LogEntry.objects.log_actions(
        manager.pk, [link], CHANGE, change_message="Zurückgezogen."
    )
    history = reverse(HISTORY, args=[link.pk])
    manager.language = "es"
    manager.save()
    page = client.get(history).content.decode()
    assert "Retirado." in page
    assert "Activo de nuevo." in page
    assert "Zurückgezogen." in page
    assert "Withdrawn." not in page
    assert "link.withdrawn" not in page


def test_a_history_of_nothing_leads_back_to_the_list(client, manager):
    assert client.get(reverse(HISTORY, args=[12345])).status_code == 302


def test_a_second_time_changes_and_remembers_nothing(client, manager, link):
    choose(client, "restore", link)
    choose(client, "withdraw", link)
    then = link.withdrawn_at
    client.force_login(UserFactory(role="marketing_manager"))
    choose(client, "withdraw", link)
    assert (link.withdrawn_by, link.withdrawn_at) == (manager, then)
    assert len(deeds()) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_who_withdraw_it_at_once_one_is_remembered(link):
    user, links = UserFactory(), PublishedLink.objects.filter(pk=link.pk)
    counts = at_once(lambda: withdrawing.withdraw(links.all(), user, AT), 8)
    assert sorted(counts) == [0] * 7 + [1]
    assert len(deeds()) == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_each_would_be(link, monkeypatch):
    """The negative control."""
    user, links = UserFactory(), PublishedLink.objects.filter(pk=link.pk)
    all_have_read, log = Barrier(2), LogEntry.objects.log_actions

    def wait_and_log(*told, **more):
        all_have_read.wait(timeout=30)
        return log(*told, **more)

    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows)
    monkeypatch.setattr(LogEntry.objects, "log_actions", wait_and_log)
    at_once(lambda: withdrawing.withdraw(links.all(), user, AT), 2)
    assert len(deeds()) == 2


def test_who_only_writes_messages_does_not(client, link):
    client.force_login(UserFactory(role="marketing_editor"))
    choose(client, "withdraw", link)
    assert link.withdrawn_at is None
    assert deeds() == []
