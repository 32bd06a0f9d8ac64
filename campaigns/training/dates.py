"""Dates, each planned once: a first, a copy, a series ("every Tuesday until June")."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet

from campaigns.sequences import schedule

from .models import Course, Series, Session

#: A series is at most so many dates: a wrong year must not make thousands.
MOST = 200
#: What a new date does not take over from the one it is like.
_OWN = frozenset(
    {
        *("id", "uuid", "state", "taken", "revision", "starts_at", "ends_at"),
        *("cancelled_at", "cancel_reason", "closed_at", "created_at", "recording_url"),
        *("series", "series_day", "bookable_from", "bookable_until"),
    }
)
#: Who presses twice does so within a minute.
ONE_PRESS = timedelta(minutes=1)


class TooManyDates(ValueError):
    """The series would have more than `MOST` dates."""


def copy(session: Session, day: date, hour: time | None = None) -> Session:
    """The same on another day: nobody has booked it yet.

    Booking opens and closes as long before it as with the first. Where the same is
    planned for that hour already, it is that one.
    """
    twin = _like(session, day, hour or session.hour)
    with transaction.atomic():
        _one_after_another(session)
        if (found := _same(twin).first()) is not None:
            return found
        twin.save(force_insert=True)
        twin.trainers.set(session.trainers.all())
    return twin


def plan(session: Session, save: Callable[[], Session], at: datetime) -> Session:
    """*save* a new session, or find it saved a moment ago: its button pressed twice."""
    session.keep_instants()
    with transaction.atomic():
        _one_after_another(session)
        saved = _same(session).filter(created_at__gt=at - ONE_PRESS)
        return saved.first() or save()


def _one_after_another(session: Session) -> None:
    """Who plans dates of this course at the same instant waits, and then sees them."""
    Course.objects.select_for_update(no_key=True).get(pk=session.course_id)


def _same(session: Session) -> QuerySet[Session]:
    """The dates that there are of the same at the same hour: pressed twice, say."""
    names = ("course_id", "kind", "place", "account_id", "starts_at")
    wanted = {name: getattr(session, name) for name in names}
    return Session.objects.planned().filter(**wanted).order_by("pk")


def _like(session: Session, day: date, hour: time) -> Session:
    fields = {
        field.attname: getattr(session, field.attname)
        for field in Session._meta.concrete_fields
        if field.name not in _OWN
    }
    twin = Session(**{**fields, "uuid": uuid4(), "day": day, "hour": hour})
    twin.keep_instants()
    for name in ("bookable_from", "bookable_until"):
        if limit := getattr(session, name):
            setattr(twin, name, limit + (twin.starts_at - session.starts_at))
    return twin


def repeat(session: Session, series: Series) -> list[Session]:
    """Make the dates of *series*, each like *session*; those that were missing.

    Repeated, it makes none twice: each remembers its day of the rule, also after it
    has been moved; and none where the same is planned for that hour already.
    """
    days = list(days_of(series))
    with transaction.atomic():
        _one_after_another(session)
        like = Session.objects.planned().filter(
            course=session.course_id,
            kind=session.kind,
            place=session.place,
            account=session.account_id,
        )
        taken = set(like.values_list("starts_at", flat=True))
        made = set(series.sessions.values_list("series_day", flat=True))
        dates = (_date(session, series, day) for day in days if day not in made)
        fresh = [one for one in dates if one.starts_at not in taken]
        Session.objects.bulk_create(fresh)
        trainers = list(session.trainers.all())
        for twin in fresh:
            twin.trainers.set(trainers)
    return fresh


def _date(session: Session, series: Series, day: date) -> Session:
    twin = _like(session, day, session.hour)
    twin.series, twin.series_day = series, day
    return twin


def days_of(series: Series) -> Iterator[date]:
    """The days of the rule, in order; weeks are counted from its first day's."""
    monday = series.first_day - timedelta(days=series.first_day.weekday())
    found = 0
    for ahead in range((series.last_day - series.first_day).days + 1):
        day = series.first_day + timedelta(days=ahead)
        week = (day - monday).days // 7
        if day.weekday() not in series.weekdays or week % series.every_weeks:
            continue
        if schedule.is_holiday(day, series.skip_holidays):
            continue
        found += 1
        if found > MOST:
            raise TooManyDates
        yield day
