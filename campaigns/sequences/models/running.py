"""What runs, and whether this database may send."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Heartbeat(models.Model):
    """A sign of life of a running part (web, worker, dispatcher, beat)."""

    part = models.CharField(max_length=20)
    instance = models.CharField(max_length=80)
    #: Which installation it belongs to: a digest of its ARMING_KEY.
    installation = models.CharField(max_length=16, blank=True, db_default="")
    at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["part", "instance"], name="heartbeat_per_instance"
            ),
        )

    def __str__(self) -> str:
        return f"{self.part} {self.instance}"


class Arming(models.Model):
    """The one row that lets this database send; a copy of it elsewhere may not.

    ``fingerprint`` is made of what a copy cannot share: PostgreSQL's system
    identifier, the database's oid, and a key of the environment.
    """

    singleton = models.BooleanField(primary_key=True, default=True)
    fingerprint = models.BinaryField(max_length=32)
    armed_at = models.DateTimeField(_("armed"))
    armed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("armed by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(singleton=True), name="arming_single_row"
            ),
        )

    def __str__(self) -> str:
        return f"{self.armed_at:%Y-%m-%d %H:%M}"
