"""Where a sender can be told to die or to freeze: right there, at the n-th passage.

Only tests and `benchmarks faults` arm them; the product knows nothing of them.
"""

import os
import signal
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from campaigns.sequences.sending import claim, gate, look, settle, spool
from campaigns.sequences.sending.transports import smtp, smtp_session

#: Name → (owner, attribute, before or after it, how many may be unknown then).
POINTS: dict[str, tuple[Any, str, str, int]] = {
    "claimed": (claim, "claim", "after", 0),
    "committed as sending": (look.Looker, "look", "after", 0),
    "before the wire": (smtp.SmtpTransport, "send", "before", 0),
    "begun": (gate.ChunkGate, "begin", "after", 1),
    "written": (smtp_session.Session, "write", "after", 1),
    "answered": (gate.ChunkGate, "end", "before", 1),
    "noted": (gate.ChunkGate, "end", "after", 0),
    "before settling": (settle, "bind", "before", 0),
    "settled": (spool.Spool, "settled", "after", 0),
}
_WHOLE_MESSAGE = b"\r\n.\r\n"


def arm(
    name: str,
    passage: int,
    *,
    act: int = signal.SIGKILL,
    instead: Callable[[], None] | None = None,
) -> None:
    """Get the signal *act*, or do something *instead*, at the *passage*-th time through
    the point *name*."""
    blow = instead or partial(os.kill, os.getpid(), act)
    owner, attribute, when, _unknown = POINTS[name]
    deed = getattr(owner, attribute)
    left = [passage]

    def strike() -> None:
        left[0] -= 1
        if not left[0]:
            blow()

    setattr(owner, attribute, _wrap(deed, strike, when, name))


def _wrap(
    deed: Callable[..., Any], strike: Callable[[], None], when: str, name: str
) -> Callable[..., Any]:
    @wraps(deed)
    def talked(*args: Any, **kwargs: Any) -> Any:
        done = yield from deed(*args, **kwargs)
        if _WHOLE_MESSAGE in args[1]:
            strike()
        return done

    @wraps(deed)
    def struck(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            strike()
        done = deed(*args, **kwargs)
        if when == "after":
            strike()
        return done

    return talked if name == "written" else struck
