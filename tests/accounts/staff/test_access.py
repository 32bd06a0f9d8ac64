"""Changes of a user's access are recorded, and an old address opens nothing."""

from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.urls import NoReverseMatch, reverse

from accounts.staff import second_factor
from accounts.staff.models import Role, UserChange
from tests.factories import UserFactory


@pytest.fixture
def administrator(client, db):
    user = UserFactory(role=Role.ADMINISTRATOR)
    client.force_login(user)
    return user


@pytest.fixture
def eva(db):
    return UserFactory(role=Role.MARKETING_EDITOR, email="eva@house.example")


def page_of(user):
    return reverse("admin:staff_user_change", args=[user.pk])


def save(client, user, **changed):
    form = {
        "email": user.email,
        "name": user.name,
        "language": "en",
        "role": user.role,
        "is_active": "on",
        "changes-TOTAL_FORMS": "0",
        "changes-INITIAL_FORMS": "0",
        **changed,
    }
    return client.post(page_of(user), form)


def told(user):
    return list(
        UserChange.objects.filter(user=user).values_list("what", "before", "after")
    )


def test_a_changed_address_is_recorded_with_who_did_it(client, administrator, eva):
    assert save(client, eva, email="new@house.example").status_code == 302
    assert told(eva) == [("email", "eva@house.example", "new@house.example")]
    assert UserChange.objects.get().by == administrator
    assert "eva@house.example" in client.get(page_of(eva)).content.decode()


def test_saving_without_a_change_records_nothing(client, administrator, eva):
    save(client, eva)
    assert told(eva) == []


def test_role_and_leaving_are_recorded(client, administrator, eva):
    save(client, eva, role=Role.ANALYST, is_active="")
    assert {what for what, _before, _after in told(eva)} == {"role", "is_active"}


def test_an_old_address_opens_nothing_more(client, administrator, eva, mailoutbox):
    EmailAddress.objects.create(user=eva, email=eva.email, verified=True, primary=True)
    save(client, eva, email="new@house.example")
    client.logout()
    client.post(reverse("account_reset_password"), {"email": "eva@house.example"})
    assert mailoutbox == []


def test_a_new_password_is_recorded_without_it(client, administrator, eva):
    url = reverse("admin:auth_user_password_change", args=[eva.pk])
    new = "correct horse battery"
    form = {"password1": new, "password2": new, "usable_password": "true"}
    assert client.post(url, form).status_code == 302
    assert told(eva) == [("password", "", "")]


def test_the_record_is_for_administrators_and_cannot_be_changed(client, eva):
    change = UserChange.objects.create(
        user=eva, what="email", before="a@b.example", at=eva.date_joined
    )
    client.force_login(UserFactory(role=Role.MARKETING_MANAGER))
    assert "a@b.example" not in client.get(page_of(eva)).content.decode()
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    save(
        client,
        eva,
        **{
            "changes-TOTAL_FORMS": "1",
            "changes-INITIAL_FORMS": "1",
            "changes-0-id": str(change.pk),
            "changes-0-user": str(eva.pk),
            "changes-0-before": "x@y.example",
            "changes-0-DELETE": "on",
        },
    )
    change.refresh_from_db()
    assert change.before == "a@b.example"


def give_factor(user):
    Authenticator.objects.create(user=user, type="totp", data={"secret": "S3CR3T"})
    Authenticator.objects.create(
        user=user, type="recovery_codes", data={"seed": "x", "used_mask": 0}
    )


def url_to_remove(user):
    return reverse("admin:staff_user_remove_second_factor", args=[user.pk])


def test_an_administrator_removes_a_lost_second_factor(client, administrator, eva):
    give_factor(eva)
    page = client.get(page_of(eva)).content.decode()
    assert url_to_remove(eva) in page
    assert "S3CR3T" not in page
    assert client.get(url_to_remove(eva)).status_code == 405
    client.post(url_to_remove(eva))
    client.post(url_to_remove(eva))
    assert not second_factor.has(eva)
    assert not Authenticator.objects.exists()
    assert told(eva) == [("second_factor", "", "")]


@pytest.mark.parametrize("role", [r for r in Role if r != Role.ADMINISTRATOR])
def test_nobody_else_does(client, eva, role):
    give_factor(eva)
    client.force_login(UserFactory(role=role))
    assert client.post(url_to_remove(eva)).status_code in (302, 403)
    assert second_factor.has(eva)


def test_what_proves_a_factor_or_an_address_has_no_page(administrator):
    labels = {model._meta.label for model in admin.site._registry}
    assert not labels & {"mfa.Authenticator", "account.EmailAddress"}
    with pytest.raises(NoReverseMatch):
        reverse("admin:mfa_authenticator_add")


def test_the_last_administrator_gets_in_again_by_the_command_line(eva):
    give_factor(eva)
    out = StringIO()
    call_command("remove_second_factor", "EVA@house.example", stdout=out)
    assert not second_factor.has(eva)
    assert told(eva) == [("second_factor", "", "")]
    for address in ("eva@house.example", "nobody@house.example"):
        with pytest.raises(CommandError):
            call_command("remove_second_factor", address)


@pytest.mark.parametrize("role", [r for r in Role if r != Role.ADMINISTRATOR])
def test_a_key_is_revoked_by_administrators_only_and_others_are_told(client, db, role):
    from accounts.staff import keys

    client.force_login(UserFactory(role=role))
    key = keys.issue("Store", "store", ["events"]).key
    answer = client.post(reverse("admin:staff_apikey_revoke", args=[key.pk]))
    # Sales reps do not enter the admin at all.
    assert answer.status_code == (302 if role == Role.SALES_REP else 403)
