"""The invitation as messages, steps, audiences, reports and her own page see it."""

from django.utils.translation import gettext_lazy as _

from campaigns.sequences.touchpoints import Card, Kind, Link, Stage, Touchpoint

from . import answers, cards, links, starters
from .conditions import CONDITIONS

touchpoint = Touchpoint(
    slug="invitation",
    label=_("Invitation"),
    kinds=(
        Kind(answers.SEEN, _("Looked at the invitation")),
        Kind(answers.ACCEPTED, _("Accepted the invitation")),
    ),
    links=(
        Link(
            "invitation",
            _("The buyer's personal invitation"),
            urls=links.urls,
            sample=links.sample,
            sent=links.sent,
        ),
    ),
    conditions=CONDITIONS,
    stages=(
        Stage("seen", _("Seen by a person"), "seen_at", order=20),
        Stage("accepted", _("Accepted"), "accepted_at", order=30),
    ),
    cards=(Card("invitations/card.html", cards.describe, order=10),),
    starters=starters.STARTERS,
)
