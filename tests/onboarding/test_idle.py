import pytest

from onboarding import idle


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 1_000_000

    monkeypatch.setattr(idle, "time", lambda: Clock.now)
    return Clock


@pytest.fixture
def staff(django_user_model, client, clock):
    user = django_user_model.objects.create_superuser(
        "ada@house.example", "a long password", name="Ada", language="en"
    )
    client.force_login(user)
    return client


def is_in(client):
    return client.get("/admin/").status_code == 200


def test_half_an_hour_of_nothing_ends_the_session(staff, clock, settings):
    clock.now += settings.SESSION_IDLE_SECONDS
    assert is_in(staff)
    clock.now += settings.SESSION_IDLE_SECONDS + 1
    assert not is_in(staff)


def test_whoever_keeps_working_stays(staff, clock):
    for _ in range(6):
        clock.now += 29 * 60
        assert is_in(staff)


def test_twelve_hours_end_the_session_of_the_busiest(staff, clock, settings):
    began = clock.now
    while clock.now - began + 1200 <= settings.SESSION_COOKIE_AGE:
        clock.now += 1200
        assert is_in(staff)
    clock.now += 1200
    assert not is_in(staff)


def test_a_busy_page_writes_the_session_once_a_minute(
    staff, clock, django_assert_num_queries
):
    clock.now += 61
    assert is_in(staff)
    session = staff.session[idle.SEEN]
    clock.now += 5
    assert is_in(staff)
    assert staff.session[idle.SEEN] == session == clock.now - 5
