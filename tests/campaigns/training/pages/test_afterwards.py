"""Materials, the recording and her word afterwards."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.journal.models import Event
from campaigns.training import handouts, seats
from campaigns.training.models import Feedback, Material, MaterialView, RecordingView
from tests.campaigns.training.scenes import (
    STARTS,
    book,
    by_staff,
    make_session,
    seat_of,
)

pytestmark = pytest.mark.django_db
AFTER = STARTS + timedelta(hours=2)


@pytest.fixture
def guide(ana):
    session = make_session()
    material = Material.objects.create(
        course=session.course, title="First steps", kind="file"
    )
    handouts.publish_file(
        material,
        name="guía.pdf",
        content_type="text/html",
        content=b"<script>1</script>",
        by=None,
        at=STARTS,
    )
    return session, material


def test_a_material_is_opened_by_a_post_and_counted(visitor, ana, guide):
    session, material = guide
    book(session, ana)
    url = reverse("training:material", args=[material.uuid])
    assert visitor.get(url).status_code == 405
    assert not MaterialView.objects.exists()
    response = visitor.post(url)
    visitor.post(url)
    assert response.content == b"<script>1</script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment; filename")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert MaterialView.objects.get().count == 2


def test_a_link_is_followed_through_ours(visitor, ana, guide):
    session, _file = guide
    book(session, ana)
    link = Material.objects.create(course=session.course, title="Video", kind="link")
    handouts.publish_link(link, "https://video.example/1", None, STARTS)
    response = visitor.post(reverse("training:material", args=[link.uuid]))
    assert (response.status_code, response.url) == (303, "https://video.example/1")


def test_who_has_no_place_opens_nothing(visitor, ana, guide):
    session, material = guide
    url = reverse("training:material", args=[material.uuid])
    assert visitor.post(url).status_code == 404
    full = make_session(capacity=1, course=session.course, day=date(2026, 3, 12))
    book(full)
    book(full, ana)  # she waits
    assert visitor.post(url).status_code == 404


def test_a_recording_has_named_viewers(visitor, ana, now):
    session = make_session(recording_url="https://video.example/1", watched_counts=True)
    hers = seat_of(book(session, ana))
    now.at = AFTER
    page = visitor.get(reverse("training:recording", args=[session.uuid]))
    assert b"video.example" not in page.content
    assert not RecordingView.objects.exists()
    response = visitor.post(reverse("training:watch", args=[session.uuid]))
    assert (response.status_code, response.url) == (303, "https://video.example/1")
    assert RecordingView.objects.get().buyer == ana
    assert Event.objects.filter(kind="trained", buyer=ana).count() == 1
    hers.refresh_from_db()
    assert hers.state == "booked"


def test_a_player_says_how_far_she_came(visitor, ana, now):
    session = make_session(
        recording_url="https://video.example/1.mp4", watched_counts=True
    )
    book(session, ana)
    now.at = AFTER
    url = reverse("training:watch", args=[session.uuid])
    for percent in ("", "10", "70", "40", "x"):
        assert visitor.post(url, {"percent": percent}).status_code == 204
    assert RecordingView.objects.get().percent == 70
    assert not Event.objects.filter(kind="trained").exists()
    visitor.post(url, {"percent": "85"})
    assert Event.objects.filter(kind="trained").count() == 1


def test_strangers_do_not_watch(visitor, ana):
    session = make_session(recording_url="https://video.example/1")
    for method in (visitor.get, visitor.post):
        name = "recording" if method == visitor.get else "watch"
        url = reverse(f"training:{name}", args=[session.uuid])
        assert method(url).status_code == 404


@pytest.fixture
def attended(visitor, ana, now):
    seat = seat_of(book(make_session(), ana))
    now.at = AFTER
    seats.check_in(seat, by_staff(AFTER))
    return seat


def test_her_word_is_kept_and_may_be_changed(visitor, attended):
    url = reverse("training:feedback", args=[attended.uuid])
    assert b"Three short questions" in visitor.get(url).content
    said = {"rating": "4", "answer": "More examples", "barrier": "distrust"}
    assert visitor.post(url, said).status_code == 302
    visitor.post(url, {**said, "rating": "5"})
    kept = Feedback.objects.get()
    assert (kept.rating, kept.answer, kept.barrier) == (5, "More examples", "distrust")
    seat = visitor.get(reverse("training:seat", args=[attended.uuid])).content.decode()
    assert "you gave it 5 of 5" in seat


def test_without_a_rating_nothing_is_kept_and_nothing_lost(visitor, attended):
    url = reverse("training:feedback", args=[attended.uuid])
    response = visitor.post(url, {"answer": "More examples"})
    assert response.status_code == 400
    assert "Please choose one of the five." in response.content.decode()
    assert "More examples" in response.content.decode()
    assert not Feedback.objects.exists()


def test_who_was_not_there_is_not_asked(visitor, ana, now):
    seat = seat_of(book(make_session(), ana))
    now.at = AFTER
    url = reverse("training:feedback", args=[seat.uuid])
    assert visitor.post(url, {"rating": "1"}).status_code == 302
    assert not Feedback.objects.exists()
