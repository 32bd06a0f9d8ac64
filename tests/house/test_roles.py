"""Role by role: which pages open, and which rows may be deleted."""

import re

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver, reverse

from accounts.staff.models import Role
from campaigns.messages.models import Brand
from tests.factories import UserFactory

M, E, A = Role.MARKETING_MANAGER, Role.MARKETING_EDITOR, Role.ADMINISTRATOR

#: What somebody set up or wrote herself; all the rest is evidence. Where a row was
#: used already, its page refuses as well.
MAY_BE_DELETED = {
    "campaign_messages.message": {A, M, E},
    "campaign_messages.brand": {A, M},
    "campaign_messages.senderdomain": {A, M},
    "sequences.campaign": {A, M},
    "sequences.lane": {A, M},
}

#: Where persons, mails and keys are: for no role that only reads figures or teaches.
OF_PERSONS = (
    "admin/customers/",
    "admin/consent/",
    "admin/journal/",
    "admin/feedback/",
    "admin/invitations/",
    "admin/campaign_messages/",
    "admin/staff/",
    "admin/sequences/delivery/",
    "admin/sequences/enrolment/",
    "admin/reports/names",
)


def walk(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield re.sub(r"[\^$]", "", address)
        else:
            yield from walk(pattern, address)


PAGES = sorted(
    {
        route
        for route in walk(get_resolver())
        if route.startswith("admin/") and not re.search(r"[<(\\]", route)
    }
)


@pytest.mark.parametrize("role", Role)
def test_evidence_is_deleted_by_nobody(db, role):
    request = RequestFactory().get("/admin/")
    request.user = UserFactory(role=role)
    for model, page in admin.site._registry.items():
        label = model._meta.label_lower
        may = page.has_delete_permission(request)
        assert may == (role in MAY_BE_DELETED.get(label, set())), (role, label)
        if not may:
            assert "delete_selected" not in page.get_actions(request), (role, label)


def opened(client, role):
    client.force_login(UserFactory(role=role))
    return {page for page in PAGES if client.get(f"/{page}").status_code == 200}


def test_a_stranger_and_a_sales_rep_open_no_page_of_the_admin(client, db):
    strangers = {page for page in PAGES if client.get(f"/{page}").status_code == 200}
    assert strangers <= {"admin/jsi18n/"}
    assert opened(client, Role.SALES_REP) <= {"admin/jsi18n/"}


@pytest.mark.parametrize("role", [Role.ANALYST, Role.TRAINER])
def test_who_reads_figures_or_teaches_opens_no_page_of_persons(client, db, role):
    assert not [page for page in opened(client, role) if page.startswith(OF_PERSONS)]


def test_staff_and_keys_are_the_administrators_own(client, db):
    for role in set(Role) - {A, M}:
        assert not [p for p in opened(client, role) if p.startswith("admin/staff/")]
    assert "admin/staff/user/" in opened(client, A)


#: (permission, the roles that have it): what may not be done half by somebody else.
GRANTED = [
    ("customers.apply_customerimport", {A, M}),
    ("customers.add_customerimport", {A, M, E}),
    ("customers.change_customerimport", {A, M, E}),
    ("customers.view_buyer", {A, M, E}),
    ("campaign_messages.change_brand", {A, M}),
    ("campaign_messages.add_brand", {A, M}),
    ("campaign_messages.delete_brand", {A, M}),
    ("campaign_messages.view_brand", {A, M, E}),
    ("campaign_messages.change_message", {A, M, E}),
    ("campaign_messages.view_outboxmail", {A, M, E}),
    ("sequences.send_campaign", {A, M}),
    ("staff.read_all_mail", {A}),
    ("staff.change_user", {A}),
    ("staff.add_apikey", {A}),
    ("adoption.view_figures", {A, M, E, Role.ANALYST}),
]


@pytest.mark.parametrize(("permission", "roles"), GRANTED)
def test_a_permission_is_given_to_these_roles_and_no_other(db, permission, roles):
    assert {r for r in Role if UserFactory(role=r).has_perm(permission)} == roles


@pytest.mark.parametrize("role", [M, E])
def test_the_sender_is_changed_by_those_who_may_send(client, db, role):
    brand = Brand.objects.create(
        name="Norte", sender_name="Norte", sender_email="a@norte.example"
    )
    client.force_login(UserFactory(role=role))
    url = reverse("admin:campaign_messages_brand_change", args=[brand.pk])
    assert client.get(url).status_code == 200
    answer = client.post(url, {"sender_email": "evil@elsewhere.example"})
    assert answer.status_code == (200 if role == M else 403)
    brand.refresh_from_db()
    assert brand.sender_email == "a@norte.example"
