"""A seat as an appointment of its owner, and sessions as a feed for staff."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.customers.models import Buyer
from campaigns.messages import brands
from campaigns.messages.attachments import Attachment
from campaigns.messages.models import Brand

from . import calendars, links
from .calendars import Alarm, Entry, Person
from .models import Seat, Session

REQUEST, CANCEL = "REQUEST", "CANCEL"
FILE_NAME = "training.ics"
#: States in which the appointment stands in her calendar.
STANDING = (Seat.State.BOOKED, Seat.State.ATTENDED, Seat.State.NO_SHOW)
A_DAY, A_MOMENT, ON_THE_WAY = (
    timedelta(days=1),
    timedelta(minutes=15),
    timedelta(hours=2),
)


def of_seat(seat: Seat, reader: Buyer, at: datetime) -> Attachment:
    """What her mail carries and her page offers: the appointment, or its withdrawal.

    *reader* is who gets it: the seat's own buyer, or who booked it for a colleague.
    """
    with translation.override(reader.language):
        entry = _entry(seat, reader, at)
        attendee = Person(reader.full_name, reader.email)
        stands = seat.state in STANDING and not seat.session.is_cancelled
        write = calendars.invite if stands else calendars.withdraw
        content = write(entry, _organiser(), attendee)
    method = REQUEST if stands else CANCEL
    kind = calendars.CONTENT_TYPE.format(method=method)
    return Attachment(FILE_NAME, kind, content)


def uid(seat: Seat) -> str:
    """The same for as long as the seat is hers, also on another date."""
    return f"seat-{seat.uuid}@{urlsplit(settings.SITE_URL).hostname}"


def of_sessions(
    name: str, sessions: Sequence[tuple[Session, str]], at: datetime
) -> bytes:
    """A feed; with each session what its reader should know about it."""
    return calendars.feed(name, [_published(each, text, at) for each, text in sessions])


def _entry(seat: Seat, reader: Buyer, at: datetime) -> Entry:
    session = seat.session
    page = links.of_buyer(reader, links.of_seat(seat.uuid))
    return Entry(
        uid=uid(seat),
        sequence=seat.revision,
        changed_at=at,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.zone,
        title=session.course.title,
        description="\n\n".join(_paragraphs(seat, page)),
        place=_place(session, reader, seat),
        url=page,
        alarms=_alarms(session),
    )


def _paragraphs(seat: Seat, page: str) -> list[str]:
    session = seat.session
    found = [session.course.description.strip(), session.directions.strip()]
    if session.map_url and session.kind != Session.Kind.WEBINAR:
        found.append(_("Map: %(address)s") % {"address": session.map_url})
    text = _("Your seat, with everything about it, to move or to cancel: %(address)s")
    found.append(text % {"address": page})
    return [each for each in found if each]


def _place(session: Session, reader: Buyer, seat: Seat) -> str:
    """Of a webinar our own address, behind which the room can change."""
    if session.kind == Session.Kind.WEBINAR:
        return links.of_buyer(reader, links.of_seat(seat.uuid, "join"))
    return session.place


def _alarms(session: Session) -> tuple[Alarm, ...]:
    title = session.course.title
    tomorrow = Alarm(A_DAY, _("Tomorrow: %(title)s") % {"title": title})
    soon = _("Soon: %(title)s") % {"title": title}
    before = A_MOMENT if session.kind == Session.Kind.WEBINAR else ON_THE_WAY
    return (tomorrow, Alarm(before, soon))


def _organiser() -> Person:
    brand = Brand.objects.order_by("-is_default", "pk").first()
    if brand is None:
        host = urlsplit(settings.SITE_URL).hostname
        return Person("", f"noreply@{host}")
    described = brands.describe(brand)
    return Person(described["name"], described["reply_to"])


def _published(session: Session, text: str, at: datetime) -> Entry:
    return Entry(
        uid=f"session-{session.uuid}@{urlsplit(settings.SITE_URL).hostname}",
        sequence=session.revision,
        changed_at=at,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.zone,
        title=session.course.title,
        description=text,
        place=session.place,
        cancelled=session.is_cancelled,
    )
