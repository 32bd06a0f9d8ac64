"""Why an account does not adopt the store: the five kinds of barrier."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Barrier(models.TextChoices):
    WRONG_TOOL = "wrong_tool", _("The store does not do what they need")
    DISTRUST = "distrust", _("They do not trust what the store shows")
    RESISTANCE = "resistance", _("Our own people do not promote it")
    NO_GOAL = "no_goal", _("Nobody set a goal")
    COMMUNICATION = "communication", _("Not involved, not told, not trained")
