"""Attendance lists as a kind of import: check, apply, undo."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.customers.importing import issues
from accounts.customers.importing.issues import Issues
from accounts.customers.jobs import Counts, Figure, Job, Kind, Line, Option
from accounts.customers.models import CustomerImport, ImportIssue
from accounts.customers.readers import BadFile
from accounts.journal import clock
from campaigns.training import seats
from campaigns.training.models import AttendanceLine, Seat, Session

from . import sections
from .fields import FIELDS
from .matching import Guestbook, Match, Person, gather
from .reading import Participant, Refused, read

SLUG = CustomerImport.Kind.ATTENDANCE
How = AttendanceLine.How
#: So often a worker says how far it has come.
CHUNK = 200
RECENT = timedelta(days=400)


def _session() -> forms.Field:
    now = clock.now()
    begun = Session.objects.planned().filter(
        starts_at__range=(now - RECENT, now + timedelta(hours=12))
    )
    found = begun.select_related("course").order_by("-starts_at")
    choices = [("", "–"), *((str(each.pk), str(each)) for each in found)]
    return forms.ChoiceField(label=_("Of which session?"), choices=choices)


def _suggestions() -> forms.Field:
    return forms.BooleanField(
        label=_("Also take those suggested by name and company"),
        help_text=_("You see them before anything is noted."),
        required=False,
    )


OPTIONS = (
    Option("session", _session, default="", remembered=False),
    Option("suggestions", _suggestions, default=False),
)


# -- Check ---------------------------------------------------------------------------


def check(job: Job) -> Counts:
    """Read the list, and say who would be noted as having been there."""
    session = _session_of(job)
    found = Issues(job.batch.pk)
    issues.forget(job.batch.pk)
    AttendanceLine.objects.filter(batch=job.batch).delete()
    participants = list(_participants(job, found))
    found.flush()
    if not participants and not found.refused:
        raise BadFile("file_header_only")
    people = gather(participants)
    matches = Guestbook(session).match(people)
    AttendanceLine.objects.bulk_create(
        (
            _line(job.batch, session, one, match)
            for one, match in zip(people, matches, strict=True)
        ),
        batch_size=1000,
    )
    CustomerImport.objects.filter(pk=job.batch.pk).update(rows_total=len(people))
    return {
        "lines": len(participants) + found.refused,
        **{how: sum(match.how == how for match in matches) for how in How.values},
        "refused": found.refused,
        "remarks": found.remarks,
    }


def _session_of(job: Job) -> Session:
    typed = str(job.options["session"])
    session = Session.objects.filter(pk=int(typed) if typed.isdecimal() else 0).first()
    if session is None or session.is_cancelled:
        raise BadFile("session_missing")
    return session


def _participants(job: Job, found: Issues) -> Iterator[Participant]:
    for number, row in enumerate(job.rows(), 1):
        if number % CHUNK == 0:
            job.beat(number)
        try:
            yield read(row, job.columns)
        except Refused as refused:
            found.refuse(
                row.line,
                refused.code,
                ImportIssue.Part.LINE,
                column=job.header_of(refused.field) if refused.field else "",
                value=refused.value,
            )


def _line(
    batch: CustomerImport, session: Session, one: Person, match: Match
) -> AttendanceLine:
    return AttendanceLine(
        batch=batch,
        session=session,
        line=one.line,
        name=one.name,
        email=one.email,
        company=one.company,
        minutes=one.minutes,
        how=match.how,
        seat_id=match.seat_id,
        buyer_id=match.buyer_id,
    )


# -- Apply and undo ------------------------------------------------------------------


def apply(job: Job) -> Counts:
    """Note them as there. Read again, the same file changes nothing."""
    taken = Q(how__in=(How.ADDRESS, How.BY_HAND))
    if job.options["suggestions"]:
        taken |= Q(how=How.SUGGESTED)
    rows = _lines(job.batch).filter(taken).exclude(seat=None, buyer=None)
    act = _act(job)
    new = 0
    for number, line in enumerate(rows.order_by("line"), 1):
        if number % CHUNK == 1:
            job.beat(number)
        new += _note(line, act)
    return {"noted": new}


def _lines(batch: CustomerImport) -> Any:
    return AttendanceLine.objects.filter(batch=batch).select_related(
        "session", "seat", "buyer"
    )


def _act(job: Job) -> seats.Act:
    return seats.Act(job.at, Seat.Source.IMPORT, by=job.batch.applied_by)


def _note(line: AttendanceLine, act: seats.Act) -> bool:
    seat, before = line.seat, ""
    came_at = line.session.starts_at
    if seat is not None:
        before = seat.state
        new = seats.check_in(seat, act, minutes=line.minutes, came_at=came_at)
    else:
        assert line.buyer is not None  # noqa: S101 - asked for by the query
        guest = seats.Guest(line.buyer.pk)
        seat = seats.walk_in(
            line.session_id,
            guest,
            act,
            account_id=line.buyer.account_id,
            minutes=line.minutes,
            came_at=came_at,
        )
        new, before = True, Seat.State.CANCELLED
    if new:
        line.seat, line.before = seat, before
        line.save(update_fields=["seat", "before"])
    return new


def undo(job: Job) -> Counts:
    """Each back to what she was before this file; what was put right since stays."""
    act = _act(job)
    back = 0
    for line in _lines(job.batch).exclude(before="").exclude(seat=None):
        after = Seat.State.BOOKED if line.before == Seat.State.BOOKED else "no_show"
        if line.seat.attendance == Seat.Source.IMPORT:
            seats.correct(line.seat, after, act)
            back += 1
    return {"taken_back": back}


# -- The import's page ---------------------------------------------------------------


class Lines:
    """Has a length and gives `Line` objects when it is sliced."""

    def __init__(self, batch: CustomerImport, how: str) -> None:
        rows = AttendanceLine.objects.filter(batch=batch, how=how)
        self.rows = rows.select_related(
            "buyer__account", "seat__account", "seat__buyer"
        )
        self.open = batch.state == CustomerImport.State.CHECKED

    def __len__(self) -> int:
        return self.rows.count()

    def __getitem__(self, part: slice) -> list[Line]:
        return [self._line(row) for row in islice(self.rows[part], None)]

    def _line(self, row: AttendanceLine) -> Line:
        told = row.name or row.email
        taken = _taken_for(row)
        return Line(
            row.line,
            told,
            reverse("training-staff:match", args=[row.pk]) if self.open else "",
            [(_("Taken for"), row.email or row.company, taken)] if taken else (),
        )


def _taken_for(row: AttendanceLine) -> str:
    if row.seat is not None:
        who = row.seat.buyer or row.seat.guest_name
        return f"{who}, {row.seat.account.name}"
    return f"{row.buyer}, {row.buyer.account.name}" if row.buyer else ""


def _figure(how: str) -> Figure:
    return Figure(how, How(how).label, lambda batch: Lines(batch, how))


KIND = Kind(
    slug=SLUG,
    label=_("Attendance of a training session"),
    fields=FIELDS,
    options=OPTIONS,
    check=check,
    apply=apply,
    undo=undo,
    prepare=sections.of_list,
    figures=tuple(_figure(how) for how in How.values),
)
