import pytest


@pytest.fixture
def ana(django_user_model, client):
    user = django_user_model.objects.create_superuser(
        "ana@house.example", "a long password", name="Ana", language="es"
    )
    client.force_login(user)
    return client


def read_language(answer):
    return answer["Content-Language"]


def test_staff_read_the_admin_in_their_own_language(ana):
    assert read_language(ana.get("/admin/")) == "es"


def test_a_choice_in_this_browser_wins(ana):
    before = read_language(ana.get("/admin/"))
    ana.post("/language/setlang/", {"language": "en", "next": "/admin/"})
    assert (before, read_language(ana.get("/admin/"))) == ("es", "en")


def test_pages_for_customers_do_not_follow_the_language_of_staff(ana):
    assert read_language(ana.get("/nothing-here/")) == "en"


def test_a_stranger_reads_the_log_in_as_the_browser_asks(db, client):
    answer = client.get("/accounts/login/", headers={"accept-language": "es"})
    assert read_language(answer) == "es"
