"""What campaigns about training may be for."""

from django.utils.translation import gettext_lazy as _

from campaigns.sequences.goals import Goal, Unit

from . import kinds

GOALS = (Goal("trained", _("The buyer is trained"), Unit.BUYER, kinds.TRAINED),)
