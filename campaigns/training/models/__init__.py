"""Training: what is taught, when and where, and who sits there.

    Course ─┬─ Material ── MaterialVersion ── MaterialView (who opened it)
            └─ Session ─┬─ Seat ─┬─ SeatChange (history)
               │  │     │        └─ Feedback
    Series ────┘  Pool  └─ RecordingView (who watched)
                              Seat ── Booking (the seats of one deed)

`campaigns.training.seats` is the one place that changes seats, counts and offers.
"""

from .attendance import AttendanceLine
from .courses import Course, Level
from .doors import CalendarFeed, Entrance
from .materials import Material, MaterialVersion, MaterialView
from .outcomes import Feedback, RecordingView
from .seats import Booking, Seat, SeatChange
from .sessions import Pool, Series, Session

__all__ = [
    "AttendanceLine",
    "Booking",
    "CalendarFeed",
    "Course",
    "Entrance",
    "Feedback",
    "Level",
    "Material",
    "MaterialVersion",
    "MaterialView",
    "Pool",
    "RecordingView",
    "Seat",
    "SeatChange",
    "Series",
    "Session",
]
