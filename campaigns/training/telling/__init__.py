"""Telling people what became of their seats: the notices of `SeatChange`.

Deeds only note what is to be told. `tell` plans the messages a moment later, each
once, in a transaction of its own, so that no booking waits for a calendar entry to be
written; what was not told yet when the process died is told by the next.
"""

from .deed import tell

__all__ = ["tell"]
