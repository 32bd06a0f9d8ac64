"""What can be wrong with a line of an attendance list: code → sentence."""

from django.utils.translation import gettext_lazy as _

OF_LINES = {
    "participant_unnamed": _("Neither a name nor an address: nobody can be meant."),
    "duration_unknown": _("This is no duration that we know how to read."),
    "session_missing": _("Choose the session that this list is of."),
}
