"""Those who may do most are led to a second factor, and not locked out."""

import re

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from cryptography.fernet import InvalidToken
from django.core.cache import cache
from django.core.management import call_command
from django.urls import reverse

from accounts.staff.models import Role, User
from tests.factories import UserFactory

PASSWORD = "correct horse battery"
LEAD = reverse("second_factor")
NEEDED = (Role.ADMINISTRATOR, Role.MARKETING_MANAGER)


@pytest.fixture(autouse=True)
def enforced(settings):
    cache.clear()
    settings.REQUIRE_SECOND_FACTOR = True
    return settings


def staff(role):
    user = UserFactory(role=role)
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(client, user):
    return client.post(
        reverse("account_login"), {"login": user.email, "password": PASSWORD}
    )


def code_for(secret):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def set_up(client):
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'value="([A-Z2-7]{16,})"', page)[1]
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_for(secret)})
    assert answer.status_code == 302, answer.content.decode()
    return secret


@pytest.mark.parametrize("role", NEEDED)
def test_they_are_led_to_it_from_every_page_of_the_admin(client, db, role):
    client.force_login(staff(role))
    for url in ("/admin/", "/admin/staff/user/", "/admin/reports/"):
        answer = client.get(url)
        assert (answer.status_code, answer["Location"]) == (302, LEAD)
    page = client.get(LEAD).content.decode()
    assert reverse("mfa_activate_totp") in page
    assert reverse("mfa_add_webauthn") in page


def test_a_post_does_not_act_either(client, db):
    client.force_login(staff(Role.ADMINISTRATOR))
    add = reverse("admin:staff_user_add")
    assert client.post(add, {"email": "x@y.example"})["Location"] == LEAD
    assert User.objects.count() == 1


@pytest.mark.parametrize("role", [r for r in Role if r not in NEEDED])
def test_others_go_on_without(client, db, role):
    client.force_login(staff(role))
    assert client.get("/admin/").headers.get("Location") != LEAD


def test_elsewhere_they_are_strangers(client, db):
    client.force_login(staff(Role.ADMINISTRATOR))
    assert client.get(reverse("invitations:preview")).wsgi_request.user.is_anonymous


def test_the_setting_switches_it_off(client, db, enforced):
    enforced.REQUIRE_SECOND_FACTOR = False
    client.force_login(staff(Role.ADMINISTRATOR))
    assert client.get("/admin/").status_code == 200


def test_a_first_administrator_sets_one_up_at_her_first_log_in(client, db):
    call_command(
        "createsuperuser",
        interactive=False,
        email="first@house.example",
        name="First",
    )
    first = User.objects.get()
    first.set_password(PASSWORD)
    first.save()
    assert log_in(client, first).status_code == 302
    assert client.get("/admin/")["Location"] == LEAD
    set_up(client)
    assert client.get("/admin/").status_code == 200
    assert client.get(LEAD)["Location"] == reverse("admin:index")


def test_afterwards_a_password_alone_opens_nothing(client, db):
    ada = staff(Role.ADMINISTRATOR)
    log_in(client, ada)
    secret = set_up(client)
    client.logout()
    assert log_in(client, ada)["Location"] == reverse("mfa_authenticate")
    assert client.get("/admin/").status_code == 302
    Authenticator.objects.update(last_used_at=None)
    cache.clear()  # a code is good once; the minute need not pass here
    client.post(reverse("mfa_authenticate"), {"code": code_for(secret)})
    assert client.get("/admin/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client, db):
    ada = staff(Role.ADMINISTRATOR)
    Authenticator.objects.create(
        user=ada, type="recovery_codes", data={"seed": "x", "used_mask": 0}
    )
    client.force_login(ada)
    assert client.get("/admin/")["Location"] == LEAD


def test_who_lost_it_starts_again_after_an_administrator_removed_it(client, db):
    ada = staff(Role.ADMINISTRATOR)
    log_in(client, ada)
    set_up(client)
    Authenticator.objects.all().delete()
    assert client.get("/admin/")["Location"] == LEAD


def test_secrets_are_sealed_in_the_database(client, db):
    log_in(client, staff(Role.ADMINISTRATOR))
    secret = set_up(client)
    kept = [str(data) for data in Authenticator.objects.values_list("data", flat=True)]
    assert len(kept) == 2, "the app and its recovery codes"
    assert all("sealed:" in one for one in kept)
    assert not any(secret in one for one in kept)


def test_a_seal_opens_with_an_old_key_and_with_no_other(enforced):
    enforced.LINK_KEY = "the old key of the links, long enough"
    sealed = get_adapter().encrypt("secret")
    enforced.LINK_KEY_FALLBACKS = [enforced.LINK_KEY]
    enforced.LINK_KEY = "the new key of the links, long enough"
    assert get_adapter().decrypt(sealed) == "secret"
    enforced.LINK_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        get_adapter().decrypt(sealed)


def test_what_was_kept_before_is_read_as_it_is():
    assert get_adapter().decrypt("JBSWY3DPEHPK3PXP") == "JBSWY3DPEHPK3PXP"
