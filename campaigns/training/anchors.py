"""The moments of a session that steps of campaigns may wait for."""

from django.utils.translation import gettext_lazy as _

from campaigns.sequences.touchpoints import Anchor, Entry

#: A seat stays of interest for so long after its session.
_KEPT = "interval '30 days'"


def _moments(moment: str) -> str:
    return f"""
        SELECT seat.buyer_id, 'seat:' || seat.uuid, {moment}
        FROM training_session AS session
        JOIN training_seat AS seat ON seat.session_id = session.id
        WHERE session.ends_at > %(at)s::timestamptz - {_KEPT}
          AND session.state = 'planned' AND seat.buyer_id IS NOT NULL
          AND seat.state IN ('booked', 'attended', 'no_show')
    """  # noqa: S608 - constants of ours


START, END, KNOWN = "training.start", "training.end", "training.attendance"
BOOKED = "training.booked"

ANCHORS = (
    Anchor(START, _("the start of the booked session"), _moments("session.starts_at")),
    Anchor(END, _("the end of the booked session"), _moments("session.ends_at")),
    Anchor(
        KNOWN,
        _("when it is known who came to the booked session"),
        _moments("session.closed_at"),
    ),
)

ENTRIES = (
    Entry(
        BOOKED,
        _("Everybody in the audience who has or books a training seat"),
        """
        SELECT seat.buyer_id, seat.account_id, 'seat:' || seat.uuid, seat.booked_at
        FROM training_session AS session
        JOIN training_seat AS seat ON seat.session_id = session.id
        WHERE session.starts_at > %(at)s AND session.state = 'planned'
          AND seat.buyer_id IS NOT NULL AND seat.state = 'booked'
        """,
    ),
)
