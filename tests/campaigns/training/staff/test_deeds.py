"""What staff may do beside booking: priority, shared seats, withdrawn links."""

import re
from datetime import date

import pytest
from django.urls import reverse

from campaigns.training import links
from campaigns.training.models import Seat, Session
from tests.campaigns.training.scenes import (
    DAY,
    book,
    make_pool,
    make_session,
    seat_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(now):
    return now


def text(response):
    return " ".join(response.content.decode().split())


def post(client, name, pk, **said):
    url = reverse(f"training-staff:{name}", args=[pk])
    return text(client.post(url, said, follow=True))


@pytest.fixture
def crowded(db):
    """One seat, taken; two companies wait for it."""
    session = make_session(capacity=1)
    return session, [seat_of(book(session)) for _ in range(3)]


def states(found):
    rows = Seat.objects.filter(pk__in=[seat.pk for seat in found]).order_by("pk")
    return list(rows.values_list("state", flat=True))


def test_who_is_given_priority_is_offered_the_next_seat(manager, crowded):
    _session, (holder, first, second) = crowded
    page = post(manager, "prefer-seat", second.pk, priority=2, reason="A key account")
    assert "The queue is served in the new order" in page
    assert "Priority 2: A key account" in page
    assert states([first, second]) == ["waiting", "waiting"]
    post(manager, "cancel-seat", holder.pk)
    assert states([first, second]) == ["waiting", "offered"]
    change = second.changes.get(reason="Priority 2: A key account")
    assert (change.before, change.after, change.by) == (
        "waiting",
        "waiting",
        manager.user,
    )


def test_the_same_priority_twice_is_one_line_of_history(manager, crowded):
    second = crowded[1][2]
    for _ in range(2):
        post(manager, "prefer-seat", second.pk, priority=2, reason="A key account")
    assert second.changes.exclude(reason="").count() == 1


@pytest.mark.parametrize(
    ("priority", "reason", "said"),
    [
        ("2", "", "Say why others are to be served later"),
        ("10", "Because", "less than or equal to 9"),
        ("much", "Because", "whole number"),
    ],
)
def test_priority_needs_a_reason_and_a_small_number(
    manager, crowded, priority, reason, said
):
    seat = crowded[1][2]
    assert said in post(
        manager, "prefer-seat", seat.pk, priority=priority, reason=reason
    )
    seat.booking.refresh_from_db()
    assert seat.booking.priority == 0


def test_who_does_not_wait_gets_no_priority(manager, crowded):
    holder = crowded[1][0]
    page = post(manager, "prefer-seat", holder.pk, priority=1, reason="Because")
    assert "does not wait any more" in page


def test_a_trainer_gives_no_priority(trainer, crowded):
    session, waiting = crowded
    session.trainers.add(trainer.user)
    url = reverse("training-staff:prefer-seat", args=[waiting[2].pk])
    assert trainer.post(url, {"priority": 1, "reason": "x"}).status_code == 403


def test_a_session_enters_a_pool_with_its_taken_seats(manager):
    pool, session = make_pool(capacity=3), make_session(capacity=5)
    book(session)
    assert "Changed." in post(manager, "share", session.pk, pool=pool.pk)
    pool.refresh_from_db()
    assert pool.taken == 1
    assert "Changed." in post(manager, "share", session.pk, pool="")
    pool.refresh_from_db()
    assert (pool.taken, Session.objects.get().pool) == (0, None)


def test_a_pool_that_is_too_small_is_refused_in_words(manager):
    pool, session = make_pool(capacity=1), make_session(capacity=5)
    book(session)
    book(session)
    page = post(manager, "share", session.pk, pool=pool.pk)
    assert "The shared pool has too few seats left." in page
    assert Session.objects.get().pool is None


def test_leaving_a_full_pool_offers_the_seats_that_are_free_now(manager):
    pool = make_pool(capacity=1)
    one = make_session(capacity=2, pool=pool)
    other = make_session(capacity=2, pool=pool, day=date(2026, 3, 11))
    book(one)
    waiting = seat_of(book(other))
    assert waiting.state == "waiting"
    post(manager, "share", one.pk, pool="")
    assert states([waiting]) == ["offered"]


def test_the_pool_names_its_sessions(manager):
    pool = make_pool(capacity=3)
    session = make_session(pool=pool)
    url = reverse("admin:training_pool_change", args=[pool.pk])
    share = reverse("training-staff:share", args=[session.pk])
    assert share in text(manager.get(url))


def test_a_withdrawn_link_opens_nothing_any_more(manager, client, crowded):
    seat = crowded[1][0]
    old = links.of_buyer(seat.buyer)
    url = reverse("training-staff:withdraw-links", args=[seat.pk])
    assert "stops opening at once" in text(manager.get(url))
    assert client.get(old, follow=True).status_code == 200
    said = {"generation": shown(manager, url)}
    assert "The next message to" in post(manager, "withdraw-links", seat.pk, **said)
    start = reverse("training:dates")
    assert client.get(start).status_code == 404
    assert client.get(old, follow=True).status_code == 404
    new = links.of_buyer(seat.buyer)
    assert client.get(new, follow=True).status_code == 200


def shown(client, url):
    """The generation of links that the page would withdraw."""
    return re.search(r'name="generation" value="(\d+)"', text(client.get(url))).group(1)


def test_a_link_sent_since_then_is_not_withdrawn_by_a_page_left_open(
    manager, client, crowded
):
    seat = crowded[1][0]
    url = reverse("training-staff:withdraw-links", args=[seat.pk])
    said = {"generation": shown(manager, url)}
    post(manager, "withdraw-links", seat.pk, **said)
    new = links.of_buyer(seat.buyer)
    assert "had been withdrawn before" in post(
        manager, "withdraw-links", seat.pk, **said
    )
    assert client.get(new, follow=True).status_code == 200
    assert shown(manager, url) == "2"


@pytest.mark.parametrize("odd", ["", "9" * 30, "-1", "x"])
def test_nobody_withdraws_what_was_never_shown(manager, client, crowded, odd):
    seat = crowded[1][0]
    post(manager, "withdraw-links", seat.pk, generation=odd)
    old = links.address(seat.buyer.uuid, links.FIRST)
    assert client.get(old, follow=True).status_code == 200


def test_what_was_offered_and_has_lapsed_needs_no_room_in_the_pool(manager, now):
    session = make_session(capacity=2)
    holder, lapsing = (seat_of(book(session)) for _ in range(2))
    waiting = seat_of(book(session))
    post(manager, "cancel-seat", lapsing.pk)
    assert states([waiting]) == ["offered"]
    now.at += 3 * DAY
    pool = make_pool(capacity=1)
    assert "Changed." in post(manager, "share", session.pk, pool=pool.pk)
    assert states([holder, waiting]) == ["booked", "expired"]
    pool.refresh_from_db()
    assert pool.taken == 1
