import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache

LOGIN = "/accounts/login/"


@pytest.fixture
def ada(django_user_model, db):
    cache.clear()
    return django_user_model.objects.create_superuser(
        "ada@house.example", "a long password", name="Ada", language="en"
    )


def log_in(client, password, email="ada@house.example", **headers):
    return client.post(LOGIN, {"login": email, "password": password}, headers=headers)


def test_staff_log_in_by_address_and_password(client, ada):
    assert log_in(client, "a long password").status_code == 302
    assert client.get("/admin/").status_code == 200


def test_the_admin_sends_strangers_to_the_throttled_log_in(client, db):
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.status_code == 302
    assert answer["Location"].startswith(LOGIN)


def test_guessing_is_throttled_and_a_forged_header_does_not_help(client, ada):
    for number in range(5):
        log_in(client, "wrong", **{"x-forwarded-for": f"10.0.0.{number}"})
    after = log_in(client, "a long password", **{"x-forwarded-for": "10.9.9.9"})
    assert after.status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_stranger_gets_the_same_answer_as_a_colleague(client, ada):
    colleague = log_in(client, "wrong")
    stranger = log_in(client, "wrong", email="nobody@house.example")
    assert colleague.status_code == stranger.status_code
    first = colleague.content.decode().replace("ada@house.example", "")
    second = stranger.content.decode().replace("nobody@house.example", "")
    assert len(first) == len(second)


def test_nobody_signs_up(client, db):
    answer = client.post(
        "/accounts/signup/",
        {"email": "x@y.example", "password1": "kj3h4kjh!", "password2": "kj3h4kjh!"},
    )
    assert "_auth_user_id" not in client.session
    assert answer.status_code == 200


def ask_for_a_new_password(client, email, **headers):
    return client.post("/accounts/password/reset/", {"email": email}, headers=headers)


def test_a_forged_host_does_not_get_into_the_mail(client, ada, settings, mailoutbox):
    settings.ALLOWED_HOSTS = ["*"]
    ask_for_a_new_password(client, ada.email, host="evil.example")
    (mail,) = mailoutbox
    assert f"{settings.SITE_URL}/accounts/password/reset/key/" in mail.body
    assert "evil.example" not in mail.body + mail.subject


def test_the_link_in_the_mail_sets_a_new_password(client, ada, settings, mailoutbox):
    ask_for_a_new_password(client, ada.email)
    link = next(
        line for line in mailoutbox[0].body.splitlines() if settings.SITE_URL in line
    )
    form = client.get(link.removeprefix(settings.SITE_URL), follow=True)
    client.post(
        form.redirect_chain[-1][0],
        {"password1": "another 1!", "password2": "another 1!"},
    )
    assert log_in(client, "another 1!").status_code == 302


def test_nobody_makes_us_write_to_a_stranger(client, ada, mailoutbox):
    known = ask_for_a_new_password(client, ada.email)
    unknown = ask_for_a_new_password(client, "stranger@elsewhere.example")
    assert [mail.to for mail in mailoutbox] == [[ada.email]]
    assert known.status_code == unknown.status_code
    assert known["Location"] == unknown["Location"]


ADDRESS = "/accounts/email/"


def test_nobody_gives_herself_an_address(client, ada):
    client.force_login(ada)
    assert ada.email in client.get(ADDRESS).content.decode()
    foreign = {"email": "victim@elsewhere.example"}
    for action in ("action_add", "action_primary", "action_send", "action_remove"):
        assert client.post(ADDRESS, {**foreign, action: ""}).status_code == 405
    ada.refresh_from_db()
    assert ada.email == "ada@house.example"
    assert not EmailAddress.objects.exists()


def test_there_is_nothing_to_confirm(client, ada):
    client.force_login(ada)
    for path in ("", "MQ:1vMfYQ:abc/"):
        assert client.get(f"/accounts/confirm-email/{path}").status_code == 404
        assert client.post(f"/accounts/confirm-email/{path}").status_code == 404


def test_her_address_is_shown_to_nobody_else(client, db):
    assert client.get(ADDRESS).status_code == 302
