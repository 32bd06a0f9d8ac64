import pytest
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
