"""What the funnel of a campaign shows of training: who booked, and who came."""

from django.utils.translation import gettext_lazy as _

from campaigns.sequences.touchpoints import Bar

BARS = (
    Bar(
        "seat_booked",
        _("Booked a training seat"),
        """
        SELECT buyer_id, 'seat:' || uuid AS subject, booked_at AS at
        FROM training_seat WHERE booked_at IS NOT NULL
        """,
    ),
    # As attendance stands now, put right if it was.
    Bar(
        "seat_attended",
        _("Attended a session"),
        """
        SELECT buyer_id, 'seat:' || uuid AS subject, checked_in_at AS at
        FROM training_seat WHERE state = 'attended'
        """,
    ),
)
