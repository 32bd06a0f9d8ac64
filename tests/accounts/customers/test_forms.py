"""Accounts and buyers written by hand: known countries, and no change lost unseen."""

import pytest
from django.urls import reverse

from accounts.customers import countries
from accounts.customers.models import Account, Buyer
from accounts.staff.models import Role
from tests.factories import AccountFactory, BuyerFactory, UserFactory

ADD = reverse("admin:customers_account_add")


@pytest.fixture
def marketer(client, db):
    client.force_login(UserFactory(role=Role.MARKETING_MANAGER))
    return client


def fields(page):
    """What a browser would send back, unchanged."""
    forms = [page.context["adminform"].form]
    sets = [one.formset for one in page.context["inline_admin_formsets"]]
    for formset in sets:
        forms += [formset.management_form, *formset.forms]
    return {
        bound.html_name: bound.value() if bound.value() is not None else ""
        for form in forms
        for bound in form
    }


def change_url(row):
    name = f"admin:customers_{row._meta.model_name}_change"
    return reverse(name, args=[row.pk])


def opened(client, row):
    return fields(client.get(change_url(row)))


def test_a_country_is_chosen_by_its_name(marketer):
    page = marketer.get(ADD)
    choices = dict(page.context["adminform"].form.fields["country"].choices)
    assert choices["ES"] == "Spain"
    marketer.post(ADD, fields(page) | {"number": "9", "name": "Uno", "country": "ES"})
    assert Account.objects.get().country == "ES"


@pytest.mark.parametrize("typed", ["Es", "zz", "España"])
def test_what_is_no_country_is_not_kept(marketer, typed):
    data = fields(marketer.get(ADD)) | {"number": "9", "name": "Uno", "country": typed}
    page = marketer.post(ADD, data)
    assert "country" in page.context["adminform"].form.errors
    assert not Account.objects.exists()


def test_an_odd_country_of_old_is_shown_and_asked_to_be_put_right(marketer):
    account = AccountFactory(country="Es")
    data = opened(marketer, account)
    assert data["country"] == "Es"
    page = marketer.post(change_url(account), data)
    assert "country" in page.context["adminform"].form.errors
    marketer.post(change_url(account), data | {"country": "ES"})
    account.refresh_from_db()
    assert account.country == "ES"


def test_countries_are_filtered_by_name_and_never_by_nothing(marketer):
    AccountFactory(country="")
    AccountFactory(country="ES", segment="")
    page = marketer.get(reverse("admin:customers_account_changelist")).text
    assert "Spain" in page
    assert 'name="country" value=""' not in page
    assert 'name="segment" value=""' not in page


@pytest.mark.parametrize("factory", [AccountFactory, BuyerFactory])
def test_who_saves_later_is_told_and_may_save_again(marketer, factory):
    row = factory()
    name = "name" if isinstance(row, Account) else "first_name"
    first, second = opened(marketer, row), opened(marketer, row)
    assert marketer.post(change_url(row), first | {name: "First"}).status_code == 302
    page = marketer.post(change_url(row), second | {name: "Second"})
    assert "somebody else changed this" in page.text
    row.refresh_from_db()
    assert getattr(row, name) == "First"
    assert marketer.post(change_url(row), fields(page)).status_code == 302
    row.refresh_from_db()
    assert getattr(row, name) == "Second"


def test_without_what_was_seen_the_later_one_wins_unseen(marketer):
    """Why the form carries it: without it the first change is gone."""
    account = AccountFactory()
    first, second = opened(marketer, account), opened(marketer, account)
    marketer.post(change_url(account), first | {"city": "Bilbao"})
    second.pop("seen")
    assert marketer.post(change_url(account), second).status_code == 302
    account.refresh_from_db()
    assert account.city == first["city"]


def test_a_buyer_changed_meanwhile_counts_on_the_page_of_the_account(marketer):
    buyer = BuyerFactory(first_name="Ana")
    stale = opened(marketer, buyer.account)
    marketer.post(change_url(buyer), opened(marketer, buyer) | {"first_name": "Eva"})
    page = marketer.post(change_url(buyer.account), stale)
    assert "somebody else changed this" in page.text
    assert Buyer.objects.get().first_name == "Eva"


def test_every_country_has_a_name_in_the_readers_language():
    assert dict(countries.choices())["DE"] == "Germany"
    assert len(countries.choices()) > 200
