"""Consent in the admin: read by many, added to by some, rewritten by nobody."""

import pytest

from accounts.consent import choices, permissions, suppression
from accounts.consent.models import Choice, Suppression
from accounts.customers.models import Buyer
from tests.factories import BuyerFactory, PermissionFactory, UserFactory

from .conftest import NOON

CHOICES = "/admin/consent/choice/"
SUPPRESSED = "/admin/consent/suppression/"


@pytest.fixture
def marketer(client, db):
    client.user = UserFactory(role="marketing_manager")
    client.force_login(client.user)
    return client


@pytest.fixture
def suppressed(buyer):
    choices.object_to_marketing(buyer, choices.PAGE, "Stop", NOON)
    return Suppression.objects.get()


def may_be_written_to(buyer):
    return Buyer.objects.filter(permissions.marketing(), pk=buyer.pk).exists()


def tell(client, buyer, state):
    return client.post(
        f"{CHOICES}add/",
        {
            "buyer": buyer.pk,
            "state": state,
            "source": "Rang us on Monday",
            "wording": "Please stop",
        },
    )


def test_what_a_buyer_said_on_the_phone_is_recorded(marketer, buyer):
    PermissionFactory(buyer=buyer)

    assert tell(marketer, buyer, "objected").status_code == 302

    choice = Choice.objects.get()
    assert choice.recorded_by == marketer.user
    assert (choice.source, choice.wording) == ("Rang us on Monday", "Please stop")
    assert not may_be_written_to(buyer)


def test_consent_given_on_the_phone_is_recorded(marketer, buyer):
    assert tell(marketer, buyer, "granted").status_code == 302
    assert may_be_written_to(buyer)


def test_the_same_told_twice_is_no_error(marketer, buyer):
    tell(marketer, buyer, "objected")
    assert tell(marketer, buyer, "objected").status_code == 302
    assert Choice.objects.count() == 1


def test_history_is_shown_and_cannot_be_changed(marketer, suppressed):
    choice = Choice.objects.get()
    assert marketer.get(CHOICES).status_code == 200
    page = f"{CHOICES}{choice.pk}/change/"
    assert marketer.get(page).status_code == 200
    assert marketer.post(page, {"state": "granted"}).status_code == 403
    assert marketer.post(f"{CHOICES}{choice.pk}/delete/").status_code == 403
    assert Choice.objects.get().state == "objected"


def test_the_history_stands_on_the_buyers_page(marketer, buyer, suppressed):
    page = marketer.get(f"/admin/customers/buyer/{buyer.pk}/change/")
    assert page.status_code == 200
    assert "Her unsubscribe page" in page.text


def test_the_buyers_page_can_still_be_saved(marketer, buyer, suppressed):
    url = f"/admin/customers/buyer/{buyer.pk}/change/"
    shown = marketer.get(url).context
    forms = [shown["adminform"].form]
    forms += [each.formset.management_form for each in shown["inline_admin_formsets"]]
    posted = {
        form.add_prefix(name): form[name].value() or 0
        for form in forms
        for name in form.fields
    }
    texts = dict.fromkeys(("phone", "time_zone", "external_id"), "")
    answer = marketer.post(url, {**posted, **texts, "first_name": "Berta"})
    assert answer.status_code == 302
    buyer.refresh_from_db()
    assert buyer.first_name == "Berta"


def test_an_address_is_suppressed_by_hand_and_not_stored(marketer, buyer):
    form = {"address": "Ana.Ruiz@ACME.example", "scope": "all", "source": "She rang"}
    assert marketer.post(f"{SUPPRESSED}add/", form).status_code == 302

    row = suppression.active(buyer.address_hash).get()
    assert (row.reason, row.created_by) == ("by_hand", marketer.user)
    assert row.source == "She rang"


def test_twice_by_hand_is_once(marketer, suppressed, buyer):
    form = {"address": buyer.email, "scope": "marketing", "source": "Again"}
    for _ in range(2):
        assert marketer.post(f"{SUPPRESSED}add/", form).status_code == 302
    assert Suppression.objects.count() == 1


def test_what_is_no_address_is_explained(marketer):
    form = {"address": "nobody", "scope": "all", "source": "x"}
    answer = marketer.post(f"{SUPPRESSED}add/", form)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors["address"]


def test_it_is_lifted_with_a_reason(marketer, suppressed):
    url = f"{SUPPRESSED}{suppressed.pk}/change/"
    assert marketer.get(url).status_code == 200
    assert marketer.post(url, {"lift_reason": " "}).status_code == 200
    suppressed.refresh_from_db()
    assert not suppressed.lifted_at

    assert marketer.post(url, {"lift_reason": "She asked"}).status_code == 302

    suppressed.refresh_from_db()
    assert suppressed.lifted_by == marketer.user
    assert suppressed.lift_reason == "She asked"
    assert marketer.post(url, {"lift_reason": "Again"}).status_code == 403


def test_an_address_is_found_by_its_hash(marketer, suppressed, buyer):
    other = BuyerFactory()
    choices.object_to_marketing(other, choices.PAGE, "Stop", NOON)

    found = marketer.get(SUPPRESSED, {"q": "ana.ruiz@acme.EXAMPLE"})

    assert list(found.context["cl"].result_list) == [suppressed]


@pytest.mark.parametrize("role", ["marketing_editor", "analyst", "sales_rep"])
def test_others_lift_and_record_nothing(client, buyer, suppressed, role):
    client.force_login(UserFactory(role=role))
    url = f"{SUPPRESSED}{suppressed.pk}/change/"
    assert client.post(url, {"lift_reason": "Oops"}).status_code in {302, 403}
    assert tell(client, buyer, "granted").status_code in {302, 403}
    assert suppression.active(buyer.address_hash).exists()
    assert Choice.objects.count() == 1


def test_lists_take_few_queries(marketer, django_assert_max_num_queries):
    for buyer in BuyerFactory.create_batch(5):
        PermissionFactory(buyer=buyer)
        choices.object_to_marketing(buyer, choices.PAGE, "Stop", NOON)
    for url in (CHOICES, SUPPRESSED, "/admin/consent/permission/"):
        with django_assert_max_num_queries(12):
            assert marketer.get(url).status_code == 200
