"""A course in the story: sessions that were, one that is full, dates to choose from."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from accounts.customers.barriers import Barrier
from accounts.customers.models import Buyer
from accounts.journal import react
from accounts.staff.models import User
from campaigns.sequences import schedule
from campaigns.training import dates, feedback, handouts, seats
from campaigns.training.models import (
    Course,
    Material,
    Seat,
    SeatChange,
    Series,
    Session,
)

DAY = timedelta(days=1)
#: Where they are held, and whose holidays are kept.
COUNTRY = "ES"
#: How long ago the sessions were that are over, and how many came to each.
PAST = ((84, 14), (28, 12))
WORDS = (
    (5, "", ""),
    (4, "Más ejemplos con nuestros artículos.", ""),
    (5, "Repetir un pedido anterior es lo que más me sirve.", ""),
    (3, "Los precios no coincidían con mi tarifa.", Barrier.DISTRUST),
    (4, "", Barrier.COMMUNICATION),
)


def give(random: Random, people: dict[str, User], at: datetime) -> None:
    """Everything that happened in the classroom up to *at*."""
    course = _describe(people["marketing"], at)
    pupils = list(
        Buyer.objects.filter(account__eligible=True, active=True)
        .exclude(email="")
        .order_by("account_id", "pk")
        .distinct("account_id")
    )
    random.shuffle(pupils)
    for days, number in PAST:
        came, pupils = pupils[:number], pupils[number:]
        _hold(random, _plan(course, people, at - days * DAY), people, came)
    coming, pupils = pupils[:9], pupils[9:]
    full = _plan(course, people, at + 6 * DAY, capacity=6)
    _book(full, coming, people, at - 2 * DAY)
    open_one = _plan(course, people, at + 13 * DAY, capacity=12)
    _book(open_one, pupils[:4], people, at - DAY)
    _repeat(open_one)
    react.react_to_all(at)


def _describe(by: User, at: datetime) -> Course:
    course = Course.objects.create(
        title="Primeros pasos en la tienda en línea",
        topic="Tienda Alborada",
        description=(
            "Encontrar un artículo, ver sus propios precios, repetir un pedido y "
            "seguir una entrega. Con tiempo para sus preguntas."
        ),
        language="es",
        stage="invited",
        barrier=Barrier.COMMUNICATION,
    )
    guide = Material.objects.create(
        course=course, title="Guía breve", kind=Material.Kind.LINK
    )
    handouts.publish_link(guide, "https://alborada.example/guia", by, at - 90 * DAY)
    return course


def _plan(
    course: Course, people: dict[str, User], at: datetime, capacity: int = 16
) -> Session:
    session = Session.objects.create(
        course=course,
        kind=Session.Kind.WEBINAR,
        join_url="https://reunion.example/alborada",
        day=_working_day(at),
        hour=time(10),
        minutes=45,
        capacity=capacity,
        cancel_hours=2,
        cost=Decimal("180.00"),
    )
    session.trainers.add(people["trainer"])
    return session


def _working_day(at: datetime) -> date:
    """The day of *at*, or the Tuesday after a weekend; after a holiday, the next."""
    day = at.date()
    if day.weekday() >= 5:
        day += (8 - day.weekday()) * DAY
    while not schedule.is_working(day, COUNTRY):
        day += DAY
    return day


def _book(
    session: Session, pupils: Sequence[Buyer], people: dict[str, User], at: datetime
) -> list[Seat]:
    act = seats.Act(at, source=Seat.Source.STAFF, by=people["marketing"])
    return [
        seats.book(
            session.pk, [seats.Guest(buyer.pk)], act, account_id=buyer.account_id
        ).seats[0]
        for buyer in pupils
    ]


def _hold(
    random: Random, session: Session, people: dict[str, User], pupils: Sequence[Buyer]
) -> None:
    """All but two came; every other one said what she thought."""
    booked = _book(session, pupils, people, session.starts_at - 7 * DAY)
    act = seats.Act(
        session.starts_at, source=Seat.Source.CHECK_IN, by=people["trainer"]
    )
    for number, seat in enumerate(booked[2:]):
        seats.check_in(seat, act, minutes=random.randint(31, 45))
        if number % 2:
            seat.refresh_from_db()
            rating, answer, barrier = WORDS[number % len(WORDS)]
            said = session.ends_at + timedelta(hours=1)
            feedback.give(seat, said, rating=rating, answer=answer, barrier=barrier)
    seats.close(session.pk, seats.Act(session.ends_at, by=people["trainer"]))
    # Their mails went out then; nobody is written to about it now.
    SeatChange.objects.filter(session=session, told_at=None).update(
        told_at=session.ends_at
    )


def _repeat(session: Session) -> None:
    """The same every other week, for two months."""
    series = Series.objects.create(
        course=session.course,
        weekdays=[session.day.weekday()],
        every_weeks=2,
        first_day=session.day + timedelta(days=14),
        last_day=session.day + timedelta(days=56),
        skip_holidays=COUNTRY,
    )
    dates.repeat(session, series)
