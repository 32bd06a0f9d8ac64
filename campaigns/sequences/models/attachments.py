"""Files that go out beside a message."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .deliveries import Delivery


class DeliveryAttachment(models.Model):
    """A file of one delivery, kept as it was when the delivery was planned."""

    delivery = models.ForeignKey(
        Delivery,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="attachments",
    )
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("file name"), max_length=100)
    kind = models.CharField(_("type of file"), max_length=100)
    content = models.BinaryField()

    class Meta:
        ordering = ("delivery", "position")
        constraints = (
            models.UniqueConstraint(
                fields=["delivery", "position"], name="attachment_position"
            ),
        )

    def __str__(self) -> str:
        return self.name
