"""Users and keys in the admin, and who may see what there."""

import re

import pytest
from django.urls import reverse

from accounts.staff import keys
from accounts.staff.models import ApiKey, Role, User
from accounts.staff.roles import may
from tests.factories import UserFactory

KEYS = reverse("admin:staff_apikey_changelist")
ADD = reverse("admin:staff_apikey_add")


@pytest.fixture
def administrator(client, db):
    user = UserFactory(role=Role.ADMINISTRATOR)
    client.force_login(user)
    return user


def add_key(client, **values):
    form = {"name": "Store", "source": "store", "scopes": ["events", "read"]}
    return client.post(ADD, {**form, **values})


def page_of(key):
    return reverse("admin:staff_apikey_change", args=[key.pk])


def test_a_new_key_is_shown_once(client, administrator):
    answer = add_key(client)
    (secret,) = re.findall(r'value="(onb_[\w-]{43})"', answer.content.decode())
    key = ApiKey.objects.get()
    assert keys.digest_of(secret) == bytes(key.digest)
    assert (key.created_by, key.scopes) == (administrator, ["events", "read"])
    assert "no-store" in answer["Cache-Control"]
    for page in (page_of(key), KEYS):
        told = client.get(page).content.decode()
        assert key.prefix in told
        assert secret not in told


def test_a_key_without_a_scope_is_not_issued(client, administrator):
    answer = add_key(client, scopes=[])
    assert answer.status_code == 200
    assert not ApiKey.objects.exists()


def test_a_key_is_revoked_by_a_post_and_never_deleted(client, administrator):
    key = keys.issue("Store", "store", ["events"]).key
    url = reverse("admin:staff_apikey_revoke", args=[key.pk])
    assert client.get(url).status_code == 405
    client.post(url)
    client.post(url)
    key.refresh_from_db()
    assert key.revoked_at is not None
    delete = reverse("admin:staff_apikey_delete", args=[key.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert "revoked" in client.get(page_of(key)).content.decode()


def test_a_key_s_scopes_do_not_change_afterwards(client, administrator):
    key = keys.issue("Store", "store", ["events"]).key
    client.post(page_of(key), {"name": "x", "source": "x", "scopes": ["customers"]})
    key.refresh_from_db()
    assert (key.name, key.scopes) == ("Store", ["events"])


def test_users_are_added_with_a_role(client, administrator):
    answer = client.post(
        reverse("admin:staff_user_add"),
        {
            "email": "rep@house.example",
            "name": "Rep",
            "role": Role.SALES_REP,
            "language": "es",
            "usable_password": "true",
            "password1": "correct horse battery",
            "password2": "correct horse battery",
        },
    )
    assert answer.status_code == 302, answer.content.decode()[:2000]
    user = User.objects.get(email="rep@house.example")
    assert user.role == Role.SALES_REP
    assert user.check_password("correct horse battery")


def test_nobody_locks_herself_out(client, administrator):
    url = reverse("admin:staff_user_change", args=[administrator.pk])
    client.post(
        url,
        {
            "email": administrator.email,
            "name": "New name",
            "language": "en",
            "role": Role.ANALYST,
        },
    )
    administrator.refresh_from_db()
    assert (administrator.role, administrator.is_active) == (Role.ADMINISTRATOR, True)


@pytest.mark.parametrize("role", [r for r in Role if r != Role.ADMINISTRATOR])
def test_only_administrators_manage_users_and_keys(client, db, role):
    client.force_login(UserFactory(role=role))
    key = keys.issue("Store", "store", ["events"]).key
    for url in (ADD, KEYS, reverse("admin:staff_user_add")):
        assert client.get(url).status_code in (302, 403), url
    add_key(client)
    client.post(reverse("admin:staff_apikey_revoke", args=[key.pk]))
    key.refresh_from_db()
    assert (ApiKey.objects.count(), key.revoked_at) == (1, None)


def test_reps_do_not_enter_the_admin(client, db):
    client.force_login(UserFactory(role=Role.SALES_REP))
    assert client.get(reverse("admin:index")).status_code == 302


@pytest.mark.parametrize(
    ("role", "permission", "granted"),
    [
        (Role.ADMINISTRATOR, "staff.add_apikey", True),
        (Role.MARKETING_MANAGER, "customers.change_account", True),
        (Role.MARKETING_MANAGER, "staff.view_user", True),
        (Role.MARKETING_MANAGER, "staff.add_user", False),
        (Role.MARKETING_EDITOR, "customers.add_customerimport", True),
        (Role.MARKETING_EDITOR, "customers.change_account", False),
        (Role.ANALYST, "adoption.view_figures", True),
        (Role.ANALYST, "customers.view_buyer", False),
        (Role.SALES_REP, "customers.view_account", False),
    ],
)
def test_roles_grant_what_the_table_says(db, role, permission, granted):
    assert may(UserFactory(role=role), permission) is granted


def test_who_is_inactive_may_nothing(db):
    assert not may(UserFactory(role=Role.ADMINISTRATOR, is_active=False), "staff.x")
