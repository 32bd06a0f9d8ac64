"""What is taught, and for whom it is meant."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.customers.barriers import Barrier
from accounts.customers.lines import validate_line
from accounts.journal.stages import Stage


class Level(models.TextChoices):
    FIRST_STEPS = "first_steps", _("First steps")
    EVERYDAY = "everyday", _("Everyday use")
    ADVANCED = "advanced", _("Advanced")


class Course(models.Model):
    """What a session teaches. ``stage``, ``segment`` and ``barrier`` say whom it is
    meant for and are advice, not a lock: empty means everybody.
    """

    title = models.CharField(_("title"), max_length=120, validators=[validate_line])
    topic = models.CharField(
        _("topic"), max_length=80, blank=True, validators=[validate_line]
    )
    description = models.TextField(
        _("description"), blank=True, help_text=_("What one can do afterwards.")
    )
    level = models.CharField(
        _("level"), max_length=12, choices=Level.choices, default=Level.FIRST_STEPS
    )
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="es"
    )
    stage = models.CharField(
        _("for the stage"), max_length=20, choices=Stage.choices, blank=True
    )
    segment = models.CharField(
        _("for the segment"), max_length=60, blank=True, validators=[validate_line]
    )
    barrier = models.CharField(
        _("against the barrier"), max_length=15, choices=Barrier.choices, blank=True
    )
    active = models.BooleanField(_("on offer"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title
