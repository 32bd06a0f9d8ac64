"""What training writes into the journal."""

from django.utils.translation import gettext_lazy as _

from campaigns.sequences.touchpoints import Kind

SOURCE = "training"

#: A mail with the training link was handed over.
TOLD = "training_told"
BOOKED = "booked"
WAITLISTED = "waitlisted"
SEAT_CANCELLED = "seat_cancelled"
ATTENDED = "attended"
NO_SHOW = "no_show"
WATCHED = "watched"
FEEDBACK = "feedback"
#: Attended, or watched where that counts: what progress calls trained.
TRAINED = "trained"

KINDS = (
    Kind(TOLD, _("Was told of training")),
    Kind(BOOKED, _("Booked a training seat")),
    Kind(WAITLISTED, _("Joined the waiting list of a session")),
    Kind(SEAT_CANCELLED, _("Gave up a training seat")),
    Kind(ATTENDED, _("Attended a session")),
    Kind(NO_SHOW, _("Did not turn up at a session")),
    Kind(WATCHED, _("Watched a recording")),
    Kind(FEEDBACK, _("Gave feedback on a session")),
    Kind(TRAINED, _("Trained")),
)
