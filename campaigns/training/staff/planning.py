"""Planning dates: a new one, what it says, how many seats, a copy, a series."""

from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.customers import zones
from accounts.journal import clock
from campaigns.training import changes, dates, seats
from campaigns.training.models import Series, Session

from . import access
from .forms import (
    CancelForm,
    CapacityForm,
    CopyForm,
    PoolForm,
    SeriesForm,
    SessionForm,
    WhenForm,
)

BOTH = require_http_methods(["GET", "HEAD", "POST"])


def _ask(
    request: HttpRequest,
    form: forms.BaseForm,
    title: str,
    button: str,
    *,
    session: Session | None = None,
    lead: str | Promise = "",
    grave: bool = False,
) -> HttpResponseBase:
    response = access.show(
        request,
        "form.html",
        title,
        form=form,
        session=session,
        button=button,
        lead=lead,
        grave=grave,
    )
    response.status_code = 400 if form.is_bound else 200
    return response


@access.needs("training.add_session")
@BOTH
def add(request: HttpRequest) -> HttpResponseBase:
    initial = {"course": request.GET.get("course"), "zone": settings.TIME_ZONE}
    form = SessionForm(_posted(request), initial=initial)
    if form.is_bound and form.is_valid():
        made = dates.plan(form.instance, form.save, clock.now())
        messages.success(request, _("The session is planned and can be booked."))
        return redirect("training-staff:session", made.pk)
    return _ask(request, form, _("New session"), _("Plan it"))


@access.needs(access.PLAN)
@BOTH
def edit(request: HttpRequest, session_id: int) -> HttpResponseBase:
    found = access.session(request, session_id)
    form = SessionForm(_posted(request), instance=found)
    if form.is_bound and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("training-staff:session", session_id)
    lead = _("Day, hour and seats are changed on pages of their own: people are told.")
    return _ask(
        request, form, _("Edit what it says"), _("Save"), session=found, lead=lead
    )


@access.needs(access.PLAN)
@BOTH
def resize(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """More seats are offered at once to whoever waits."""
    found = access.session(request, session_id)
    form = CapacityForm(_posted(request), initial={"capacity": found.capacity})
    if form.is_bound and form.is_valid():
        wanted, act = form.cleaned_data["capacity"], access.act(request)
        done = _("Changed. Whoever waits is offered what became free.")
        if access.attempt(
            request, lambda: changes.revise(found.pk, act, capacity=wanted), done
        ):
            return redirect("training-staff:session", session_id)
    lead = ngettext(
        "%(n)d seat is taken; there cannot be fewer.",
        "%(n)d seats are taken; there cannot be fewer.",
        found.taken,
    ) % {"n": found.taken}
    title = _("Change the number of seats")
    return _ask(request, form, title, _("Change it"), session=found, lead=lead)


@access.needs(access.PLAN)
@BOTH
def share(request: HttpRequest, session_id: int) -> HttpResponseBase:
    """Into a shared pool with its taken seats, into another, or out of one."""
    found = access.session(request, session_id)
    form = PoolForm(_posted(request), initial={"pool": found.pool_id})
    if form.is_bound and form.is_valid():
        pool, act = form.cleaned_data["pool"], access.act(request)
        done = _("Changed. Whoever waits is offered what became free.")
        if access.attempt(
            request,
            lambda: seats.set_pool(found.pk, pool.pk if pool else None, act),
            done,
        ):
            return redirect("training-staff:session", session_id)
    lead = ngettext(
        "%(n)d seat is taken here: the pool must have as many free.",
        "%(n)d seats are taken here: the pool must have as many free.",
        found.taken,
    ) % {"n": found.taken}
    title = _("Share seats with other sessions")
    return _ask(request, form, title, _("Change it"), session=found, lead=lead)


@access.needs(access.TELL_ALL)
@BOTH
def reschedule(request: HttpRequest, session_id: int) -> HttpResponseBase:
    found = access.session(request, session_id)
    names = ("day", "hour", "minutes", "zone", "place")
    initial = {name: getattr(found, name) for name in names}
    form = WhenForm(_posted(request), initial=initial)
    if form.is_bound and form.is_valid():
        given, act = form.cleaned_data, access.act(request)
        done = _("Moved. Everybody who booked is told, each in their own time zone.")
        if access.attempt(
            request, partial(changes.revise, found.pk, act, **given), done
        ):
            return redirect("training-staff:session", session_id)
    title = _("Move to another day or hour")
    lead = _told(found)
    return _ask(request, form, title, _("Move it"), session=found, lead=lead)


@access.needs(access.TELL_ALL)
@BOTH
def cancel(request: HttpRequest, session_id: int) -> HttpResponseBase:
    found = access.session(request, session_id)
    form = CancelForm(_posted(request))
    if form.is_bound and form.is_valid():
        act = access.act(request, form.cleaned_data["reason"])
        done = _("Cancelled. Everybody who booked or waited is told.")
        if access.attempt(request, lambda: changes.cancel(found.pk, act), done):
            return redirect("training-staff:session", session_id)
    return _ask(
        request,
        form,
        _("Cancel the session"),
        _("Cancel it and tell everybody"),
        session=found,
        lead=_told(found),
        grave=True,
    )


def _told(session: Session) -> str:
    """How many get mail of it."""
    number = session.seats.live().count()
    return ngettext(
        "%(n)d person has a seat or waits for one, and is told by mail.",
        "%(n)d people have a seat or wait for one, and are told by mail.",
        number,
    ) % {"n": number}


@access.needs("training.add_session")
@BOTH
def copy(request: HttpRequest, session_id: int) -> HttpResponseBase:
    found = access.session(request, session_id)
    form = CopyForm(_posted(request), initial={"hour": found.hour})
    if form.is_bound and form.is_valid():
        made = dates.copy(found, form.cleaned_data["day"], form.cleaned_data["hour"])
        messages.success(request, _("Copied: this is the new session."))
        return redirect("training-staff:session", made.pk)
    lead = _("Everything but the people comes along.")
    title = _("Copy to another day")
    return _ask(request, form, title, _("Copy it"), session=found, lead=lead)


@access.needs("training.add_session")
@BOTH
def series(request: HttpRequest, session_id: int) -> HttpResponseBase:
    found = access.session(request, session_id)
    initial = {"weekdays": [found.day.weekday()], "first_day": found.day}
    form = SeriesForm(_posted(request), initial=initial)
    if form.is_bound and form.is_valid():
        given: dict[str, Any] = dict(form.cleaned_data)
        given["skip_holidays"] = _country(found) if given["skip_holidays"] else ""
        try:
            _say_made(request, _repeat(found, given))
            return redirect("training-staff:session", session_id)
        except dates.TooManyDates:
            text = _("That would be more than %(n)d dates.") % {"n": dates.MOST}
            form.add_error("last_day", text)
    return _ask(
        request,
        form,
        _("Repeat this session"),
        _("Make the dates"),
        session=found,
        lead=_("Each date stands for itself afterwards: you can move or cancel one."),
    )


def _repeat(session: Session, rule: dict[str, Any]) -> list[Session]:
    """The session itself is the rule's date of its own day."""
    with transaction.atomic():
        made = Series.objects.create(course=session.course, **rule)
        Session.objects.filter(pk=session.pk, series=None).update(
            series=made, series_day=session.day
        )
        return dates.repeat(session, made)


def _country(session: Session) -> str:
    """Whose holidays: the customer's it is given at, else its zone's."""
    return (
        session.account.country if session.account else zones.country_of(session.zone)
    )


def _say_made(request: HttpRequest, made: list[Session]) -> None:
    if not made:
        messages.warning(request, _("There was no day left to make a date for."))
        return
    last = date_format(made[-1].day, "SHORT_DATE_FORMAT")
    text = ngettext(
        "%(n)d date made, the last on %(day)s.",
        "%(n)d dates made, the last on %(day)s.",
        len(made),
    )
    messages.success(request, text % {"n": len(made), "day": last})


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None
