"""The one place that gives seats, takes them back and keeps the waiting list.

Every deed holds the rows of its sessions (and of their pool) until it is committed,
so that deeds on one session happen one after the other. A place is taken by one
conditional statement, and the database refuses more than there are. Whatever frees a
place offers it at once, in the same transaction, to whoever waits first and fits: so
no newcomer ever meets a free place that somebody in the queue could have had.

Deeds take an `Act` (when, from where, by whom, why) and raise `Refused`, whose text a
person may read. All of them may be repeated.
"""

from .acts import Act, Guest, Refused
from .assigning import assign
from .attendance import check_in, close, close_attended, correct, walk_in
from .booking import Booked, book, confirm, hold
from .capacity import resize, resize_pool, set_pool
from .leaving import cancel, cancel_booking, decline, move
from .offers import accept
from .preferring import prefer
from .queue import positions
from .reconfirming import reconfirm
from .settling import settle, sweep

__all__ = [
    "Act",
    "Booked",
    "Guest",
    "Refused",
    "accept",
    "assign",
    "book",
    "cancel",
    "cancel_booking",
    "check_in",
    "close",
    "close_attended",
    "confirm",
    "correct",
    "decline",
    "hold",
    "move",
    "positions",
    "prefer",
    "reconfirm",
    "resize",
    "resize_pool",
    "set_pool",
    "settle",
    "sweep",
    "walk_in",
]
