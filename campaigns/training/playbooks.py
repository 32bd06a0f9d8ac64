"""Whole campaigns around training, laid out ready to use."""

from django.utils.translation import gettext_lazy as _

from campaigns.sequences.rows import Row
from campaigns.sequences.touchpoints import PlannedStep, Playbook

from .anchors import BOOKED, KNOWN, START

_HOUR = 60
_DAY = 24 * _HOUR

INVITE = Playbook(
    slug="training_invite",
    label=_("Invite customers to a training session"),
    description=_(
        "An invitation to choose a date, and a reminder to those who have not. It ends "
        "for each buyer once they are trained."
    ),
    goal="trained",
    audience=(Row("trained", True, negated=True), Row("has_seat", True, negated=True)),
    steps=(
        PlannedStep("training.training_invitation", _("Invitation to a session")),
        PlannedStep(
            "training.training_nudge",
            _("Reminder to choose a date"),
            5,
            (Row("has_seat", True, negated=True),),
        ),
    ),
)

AROUND = Playbook(
    slug="training_around",
    label=_("Accompany everybody who books a training session"),
    description=_(
        "Runs on by itself: a day before, whether it still suits; the way in a "
        "quarter of an hour before; thanks with materials to who came, and another "
        "date to who did not. When a session moves, all of it moves along."
    ),
    goal="none",
    audience=(),
    entry=BOOKED,
    steps=(
        PlannedStep(
            "training.session_reminder",
            _("Still coming?"),
            anchor=START,
            anchor_minutes=-_DAY,
            late_after_hours=12,
        ),
        PlannedStep(
            "training.session_join",
            _("The way in"),
            anchor=START,
            anchor_minutes=-15,
            late_after_hours=1,
        ),
        PlannedStep(
            "training.session_thanks",
            _("Thanks, with materials"),
            only_if=(Row("missed", True, negated=True),),
            anchor=KNOWN,
            anchor_minutes=_HOUR,
        ),
        PlannedStep(
            "training.session_missed",
            _("We missed you"),
            only_if=(Row("missed", True),),
            anchor=KNOWN,
            anchor_minutes=2 * _HOUR,
        ),
    ),
)

PLAYBOOKS = (INVITE, AROUND)
