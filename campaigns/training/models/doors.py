"""What opens training's pages, and what closes older links again."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Buyer


class Entrance(models.Model):
    """A buyer whose older links were withdrawn: only those of ``generation`` open.

    Without a row it is the first generation: a link needs none.
    """

    buyer = models.OneToOneField(
        Buyer, verbose_name=_("buyer"), on_delete=models.CASCADE, related_name="+"
    )
    generation = models.PositiveSmallIntegerField(default=1)

    class Meta:
        verbose_name = _("withdrawn training links")
        verbose_name_plural = _("withdrawn training links")

    def __str__(self) -> str:
        return f"{self.buyer_id}/{self.generation}"


class CalendarFeed(models.Model):
    """The secret address by which a trainer's or a rep's calendar asks for sessions.

    A new generation closes the address given out before.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="+",
    )
    uuid = models.UUIDField(default=uuid4, editable=False)
    generation = models.PositiveSmallIntegerField(default=1)
    open = models.BooleanField(_("open"), default=True)

    class Meta:
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        constraints = (
            models.UniqueConstraint(fields=["uuid"], name="calendar_feed_uuid_unique"),
        )

    def __str__(self) -> str:
        return f"{self.user_id}/{self.generation}"
