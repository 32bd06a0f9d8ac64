"""The admin's sidebar: by task, in both languages, and only what one may open."""

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse
from django.utils.translation import override

from accounts.staff.models import Role
from onboarding import unfold
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def titles(role, language="en"):
    request = RequestFactory().get("/admin/")
    request.user = UserFactory(role=role)
    with override(language):
        return [
            str(item["title"])
            for group in unfold.navigation(request)
            for item in group["items"]
        ]


@pytest.mark.parametrize(
    "name", ["index", "sequences_delivery_changelist", "customers_account_add"]
)
def test_every_page_says_whose_clock_it_shows(admin_client, name):
    page = admin_client.get(reverse(f"admin:{name}")).text

    assert page.count("those of Europe/Madrid.") == 1


def test_a_page_of_the_admin_that_is_gone_leads_back(admin_client):
    gone, elsewhere = admin_client.get("/admin/nowhere/"), admin_client.get("/nowhere")

    assert (gone.status_code, elsewhere.status_code) == (404, 404)
    assert "Back to the start" in gone.text
    assert "Back to the start" not in elsewhere.text


def test_every_entry_leads_to_a_page():
    """Walks the sidebar: an entry whose page is gone would silently not be shown."""
    entries = [entry for group in unfold.SIDEBAR for entry in group.entries]

    assert [entry.url for entry in entries if not unfold.address(entry.url)] == []


def test_an_administrator_sees_all_of_it():
    entries = [entry for group in unfold.SIDEBAR for entry in group.entries]

    assert len(titles(Role.ADMINISTRATOR)) == len(entries)


def test_nobody_is_shown_what_she_may_not_open():
    assert "API keys" in titles(Role.ADMINISTRATOR)
    assert "API keys" not in titles(Role.MARKETING_MANAGER)
    assert titles(Role.ANALYST) == [
        *("Today", "Campaigns", "Sending now", "What training did"),
        *("Adoption", "Second factor"),
    ]


def test_groups_without_an_entry_are_not_shown():
    request = RequestFactory().get("/admin/")
    request.user = UserFactory(role=Role.ANALYST)

    assert all(group["items"] for group in unfold.navigation(request))


def test_every_list_in_the_admin_has_its_place():
    """Walks the admin: a list that nobody finds in the sidebar is no use."""
    shown = {entry.url for group in unfold.SIDEBAR for entry in group.entries}
    ours = {
        f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
        for model in admin.site._registry
        if model._meta.app_config.name.startswith(("accounts.", "campaigns."))
    }

    assert ours - shown == set(), "add it to onboarding/unfold.py"


def test_a_browser_that_asks_for_an_icon_by_itself_gets_ours(client):
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert response["Location"].endswith("icon.svg")
