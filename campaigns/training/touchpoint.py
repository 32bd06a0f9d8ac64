"""Training as messages, steps, audiences, reports and the personal page see it."""

from django.utils.translation import gettext_lazy as _

from campaigns.sequences.touchpoints import Touchpoint

from .kinds import KINDS

touchpoint = Touchpoint(
    slug="training",
    label=_("Training"),
    kinds=KINDS,
)
