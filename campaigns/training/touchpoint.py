"""Training as messages, steps, audiences, reports and the personal page see it."""

from django.utils.translation import gettext_lazy as _

from campaigns.sequences.touchpoints import Card, Link, Tick, Touchpoint

from . import cards, facts, links, seat_links, seats, starters
from .anchors import ANCHORS, ENTRIES
from .bars import BARS
from .conditions import CONDITIONS
from .kinds import KINDS
from .playbooks import PLAYBOOKS
from .telling import tell

touchpoint = Touchpoint(
    slug="training",
    label=_("Training"),
    kinds=KINDS,
    links=(
        Link(
            "training",
            _("The buyer's training page: dates and seats"),
            urls=links.urls,
            sample=links.sample,
            sent=links.sent,
        ),
        *seat_links.LINKS,
    ),
    conditions=CONDITIONS,
    bars=BARS,
    cards=(Card("training/card.html", cards.describe, order=20),),
    starters=starters.STARTERS,
    facts=(facts.SESSION,),
    anchors=ANCHORS,
    entries=ENTRIES,
    playbooks=PLAYBOOKS,
    ticks=(
        Tick("training.seats", seats.sweep),
        Tick("training.attendance", seats.close_attended),
        Tick("training.notices", tell),
    ),
)
