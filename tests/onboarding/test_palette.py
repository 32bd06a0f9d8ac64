"""The command palette finds a few people and campaigns, never a whole table."""

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.staff.models import Role
from campaigns.sequences.models import Campaign
from onboarding import palette
from tests.factories import AccountFactory, UserFactory

pytestmark = pytest.mark.django_db


def ask(term, role=Role.MARKETING_MANAGER):
    request = RequestFactory().get("/admin/search/")
    request.user = UserFactory(role=role)
    return palette.search(request, term)


def test_it_finds_a_campaign_by_name_and_leads_to_it():
    campaign = Campaign.objects.create(name="Autumn")

    (found,) = ask("autu")

    assert found.title == "Autumn"
    assert str(campaign.pk) in found.link


def test_it_stops_after_a_few():
    for _ in range(3 * palette.MOST):
        AccountFactory()

    with CaptureQueriesContext(connection) as queries:
        found = ask("company")

    assert len(found) == palette.MOST
    assert all("LIMIT" in one["sql"] for one in queries if "customers_" in one["sql"])


def test_one_letter_finds_nothing():
    AccountFactory(name="X")

    assert ask("x") == []


def test_nobody_finds_what_she_may_not_see():
    AccountFactory(name="Zafra")

    assert ask("zafra", Role.ANALYST) == []
    assert ask("zafra") != []
