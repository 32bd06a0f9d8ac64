"""What a buyer may choose apart: what commercial messages are about, and how often.

Every commercial message has a topic. Who has chosen nothing gets all of them.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Topic(models.TextChoices):
    STORE = "store", _("News and tips about the web store")
    TRAINING = "training", _("Training sessions")
    OFFERS = "offers", _("Offers and points")
    OPINION = "opinion", _("Questions about my opinion")


class Frequency(models.IntegerChoices):
    """At most one commercial message in so many days."""

    ALL = 0, _("As they come")
    WEEKLY = 7, _("At most one a week")
    MONTHLY = 30, _("At most one a month")


#: Noting what she opens and follows: only for who agreed to it.
TRACKING = "tracking"
FREQUENCY = "frequency"

LABELS = {
    **dict(Topic.choices),
    "marketing": _("All commercial messages"),
    TRACKING: _("Noting what is opened and followed"),
    FREQUENCY: _("How often"),
}

#: The topic of what a touchpoint ships.
OF_TOUCHPOINTS = {
    "training": Topic.TRAINING,
    "loyalty": Topic.OFFERS,
    "offer": Topic.OFFERS,
    "offers": Topic.OFFERS,
    "interview": Topic.OPINION,
    "interviews": Topic.OPINION,
}


def of_touchpoint(slug: str) -> Topic:
    return OF_TOUCHPOINTS.get(slug, Topic.STORE)
