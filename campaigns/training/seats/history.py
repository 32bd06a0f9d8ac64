"""Changing seats, writing down that it was done, and telling the journal: together."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from campaigns.training.models import Seat, SeatChange

from . import events
from .acts import Act


class Overtaken(Exception):
    """A seat was not what it was held for: the deed is rolled back."""


def turn(
    seats: Sequence[Seat],
    after: str,
    act: Act,
    *,
    tell: str = "",
    kind: str = "",
    revise: bool = False,
    **fields: Any,
) -> None:
    """Bring *seats* to the state *after*, with other *fields*.

    ``tell`` names the message that their owners get of it (`training.telling`),
    ``kind`` the event for the journal; with ``revise`` calendars take the seat for
    newer than what they have.
    """
    befores = {seat.pk: seat.state for seat in seats}
    if after not in Seat.TIMED:
        fields["expires_at"] = None
    for seat in seats:
        seat.state = after
        seat.revision += revise
        for name, value in fields.items():
            setattr(seat, name, value)
    if seats:
        _write(seats, set(befores.values()), ("state", "revision", *fields))
        note(seats, act, befores=befores, tell=tell, kind=kind)


def _write(
    seats: Sequence[Seat], befores: Collection[str], columns: Sequence[str]
) -> None:
    """One statement for all that become alike: as a rule, one for all."""
    written = 0
    for revision in {seat.revision for seat in seats}:
        alike = [seat for seat in seats if seat.revision == revision]
        rows = Seat.objects.filter(pk__in=[seat.pk for seat in alike])
        written += rows.filter(state__in=befores).update(
            **{name: getattr(alike[0], name) for name in columns}
        )
    if written != len(seats):
        raise Overtaken


def note(
    seats: Sequence[Seat],
    act: Act,
    *,
    befores: Mapping[int, str] | None = None,
    tell: str = "",
    kind: str = "",
) -> None:
    """Write the seats, as they are now, into their history and the journal."""
    befores = befores or {}
    changes = SeatChange.objects.bulk_create(
        SeatChange(
            seat=seat,
            at=act.at,
            before=befores.get(seat.pk, ""),
            after=seat.state,
            session_id=seat.session_id,
            revision=seat.revision,
            by=act.by,
            source=act.source,
            reason=act.reason,
            notice=tell,
        )
        for seat in seats
    )
    if kind:
        events.record(kind, changes)
