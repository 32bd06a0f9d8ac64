"""Every page of training for staff, for every role, on own and others' sessions."""

import pytest
from django.urls import reverse

from accounts.customers.models import CustomerImport
from accounts.staff.models import Role
from campaigns.training import staff_urls
from campaigns.training.models import AttendanceLine, Material, SeatChange
from tests.campaigns.training.scenes import book, make_session, seat_of

from .conftest import client_of

pytestmark = pytest.mark.django_db

M, E, A, T, R, X = (
    Role.MARKETING_MANAGER,
    Role.MARKETING_EDITOR,
    Role.ADMINISTRATOR,
    Role.TRAINER,
    Role.SALES_REP,
    Role.ANALYST,
)
#: Page → who may open it. A trainer only of sessions that are hers.
MAY = {
    "sessions": {A, M, E, T},
    "feed": {A, M, E, T},
    "feed-renew": {A, M, E, T},
    "feed-close": {A, M, E, T},
    "add": {A, M, E},
    "session": {A, M, E},
    "edit": {A, M, E},
    "resize": {A, M, E},
    "share": {A, M, E},
    "reschedule": {A, M},
    "cancel": {A, M},
    "copy": {A, M, E},
    "series": {A, M, E},
    "add-people": {A, M, E},
    "people-csv": {A, M, E},
    "door": {A, M, E, T},
    "walk-in": {A, M, E, T},
    "close": {A, M, E, T},
    "put-back": {A, M},
    "scan": {A, M, E, T},
    "check-in": {A, M, E, T},
    "correct": {A, M, E, T},
    "cancel-seat": {A, M, E},
    "move-seat": {A, M, E},
    "prefer-seat": {A, M, E},
    "withdraw-links": {A, M, E},
    "attendance": {A, M, E},
    "match": {A, M, E},
    "results": {A, M, E, X},
    "results-csv": {A, M, E, X},
    "names": {A, M, E},
    "names-csv": {A, M, E},
    "materials": {A, M, E},
    "publish": {A, M, E},
    "readers": {A, M, E},
}
NAMES = [pattern.name for pattern in staff_urls.urlpatterns]
#: These show; the others act, and take POST alone.
REFUSED = {302, 403}


def test_every_page_is_in_the_matrix():
    assert set(NAMES) == set(MAY), "say who may open the new page"


def address(name, session, seat):
    pattern = next(one for one in staff_urls.urlpatterns if one.name == name)
    material = Material.objects.get_or_create(
        course=session.course, title="Guide", kind="link"
    )[0]
    values = {
        "session_id": session.pk,
        "seat_id": seat.pk,
        "uuid": seat.uuid,
        "course_id": session.course_id,
        "material_id": material.pk,
        "line_id": _line(session).pk,
    }
    keys = pattern.pattern.converters
    url = reverse(f"training-staff:{name}", kwargs={key: values[key] for key in keys})
    return f"{url}?list=booked" if name.startswith("names") else url


def _line(session):
    """Of an attendance file that was checked, for the page of one line."""
    batch, _new = CustomerImport.objects.get_or_create(
        kind="attendance", state="checked", size=1, sha256=b"x" * 32
    )
    return AttendanceLine.objects.get_or_create(
        batch=batch, session=session, line=2, how="nobody"
    )[0]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", NAMES)
def test_pages_are_open_to_whom_they_are_for(name, role, now):
    session = make_session()
    seat = seat_of(book(session))
    client = client_of(role)
    session.trainers.add(client.user)
    found = client.get(address(name, session, seat)).status_code
    if role in MAY[name]:
        assert found in {200, 405}, (name, role, found)
    else:
        assert found in REFUSED, (name, role, found)


@pytest.mark.parametrize("name", [n for n in NAMES if T in MAY[n]])
def test_a_trainer_neither_sees_nor_changes_others_sessions(name, now):
    session = make_session()
    seat = seat_of(book(session))
    client = client_of(Role.TRAINER)
    before = SeatChange.objects.count()
    url = address(name, session, seat)
    if name != "sessions" and not name.startswith("feed"):
        for method in (client.get, client.post):
            assert method(url).status_code in {404, 405}, name
    assert b"First order" not in client.get(reverse("training-staff:sessions")).content
    assert SeatChange.objects.count() == before


def test_a_log_in_is_asked_for(client, now):
    session = make_session()
    seat = seat_of(book(session))
    for name in NAMES:
        response = client.get(address(name, session, seat))
        assert response.status_code == 302, name
        assert "login" in response.url, name


def test_a_trainer_begins_with_her_sessions(now):
    first = client_of(Role.TRAINER).get("/admin/")
    assert (first.status_code, first.url) == (302, reverse("training-staff:sessions"))
    assert client_of(Role.MARKETING_MANAGER).get("/admin/").status_code == 200
