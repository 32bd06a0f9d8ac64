"""Training as messages, steps, audiences, reports and the personal page see it."""

from django.utils.translation import gettext_lazy as _

from campaigns.sequences.touchpoints import Card, Link, Touchpoint

from . import cards, links
from .kinds import KINDS

touchpoint = Touchpoint(
    slug="training",
    label=_("Training"),
    kinds=KINDS,
    links=(
        Link(
            "training",
            _("The buyer's training page: dates and her seats"),
            urls=links.urls,
            sample=links.sample,
        ),
    ),
    cards=(Card("training/card.html", cards.describe, order=20),),
)
