"""Feedback, recordings and materials: once each, and into the journal."""

import pytest

from accounts.journal.models import Event
from campaigns.training import feedback, handouts, recordings, seats
from campaigns.training.models import (
    Course,
    Feedback,
    Material,
    MaterialView,
    RecordingView,
)
from campaigns.training.seats import Act, Refused
from tests.campaigns.training.scenes import (
    DAY,
    NOON,
    STARTS,
    book,
    make_session,
    seat_of,
)
from tests.factories import BuyerFactory

pytestmark = pytest.mark.django_db


def kinds(kind):
    return Event.objects.filter(kind=kind).count()


@pytest.fixture
def attended():
    seat = seat_of(book(make_session()))
    seats.check_in(seat, Act(STARTS))
    return seat


def test_feedback_is_kept_without_its_words_in_the_journal(attended):
    feedback.give(attended, STARTS, rating=4, answer=" Too fast. ", barrier="distrust")
    feedback.give(attended, STARTS + DAY, rating=4, answer="Too fast.",
                  barrier="distrust")  # fmt: skip
    kept = Feedback.objects.get()
    assert (kept.rating, kept.answer, kept.given_at) == (4, "Too fast.", STARTS)
    (event,) = Event.objects.filter(kind="feedback")
    assert event.data == {
        "session": attended.session_id,
        "rating": 4,
        "barrier": "distrust",
    }


def test_she_may_change_her_mind(attended):
    feedback.give(attended, STARTS, rating=2)
    feedback.give(attended, STARTS + DAY, rating=5)
    assert (Feedback.objects.get().rating, kinds("feedback")) == (5, 2)


def test_only_who_was_there_is_asked():
    seat = seat_of(book(make_session()))
    with pytest.raises(Refused):
        feedback.give(seat, STARTS, rating=5)


@pytest.mark.parametrize(
    ("counts", "percent", "trained"),
    [(True, None, 1), (True, 79, 0), (True, 80, 1), (False, 100, 0)],
)
def test_watching_counts_as_trained_where_the_session_says_so(counts, percent, trained):
    session, buyer = make_session(watched_counts=counts), BuyerFactory()
    recordings.watch(session, buyer, STARTS + DAY, percent)
    recordings.watch(session, buyer, STARTS + DAY, percent)
    assert (kinds("watched"), kinds("trained")) == (1, trained)


def test_who_attended_and_watches_is_trained_once(attended):
    session = attended.session
    session.watched_counts = True
    recordings.watch(session, attended.buyer, STARTS + DAY)
    assert kinds("trained") == 1


def test_a_view_keeps_the_furthest_point():
    session, buyer = make_session(), BuyerFactory()
    recordings.watch(session, buyer, STARTS)
    recordings.watch(session, buyer, STARTS + DAY, 60)
    recordings.watch(session, buyer, STARTS + DAY, 30)
    view = RecordingView.objects.get()
    assert (view.percent, view.times, view.first_at) == (60, 1, STARTS)


def test_a_material_has_versions_and_counts_who_opened_them():
    course = Course.objects.create(title="First order")
    material = Material.objects.create(course=course, title="Guide", kind="file")
    about = {"name": "g.pdf", "content_type": "application/pdf", "by": None}
    first = handouts.publish_file(material, content=b"one", at=NOON, **about)
    same = handouts.publish_file(material, content=b"one", at=NOON, **about)
    second = handouts.publish_file(material, content=b"two", at=NOON, **about)
    assert (first, [first.number, second.number]) == (same, [1, 2])
    assert handouts.current(material) == second

    buyer = BuyerFactory()
    handouts.note_opened(second, buyer, STARTS)
    handouts.note_opened(second, buyer, STARTS + DAY)
    view = MaterialView.objects.get()
    assert (view.version, view.count, view.last_at) == (second, 2, STARTS + DAY)
