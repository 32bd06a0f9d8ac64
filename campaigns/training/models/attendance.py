"""An attendance file between its check and its application."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import Buyer, CustomerImport

from .seats import Seat
from .sessions import Session


class AttendanceLine(models.Model):
    """One person of an attendance file, and for whom she is taken.

    ``how`` says why: by her address, by name and company (a suggestion, until a
    person confirms it), by hand, or nobody. ``minutes`` are those of all her lines
    in the file together. ``before`` is her seat's state when the file was applied,
    which undo puts back; empty where nothing was done.
    """

    class How(models.TextChoices):
        ADDRESS = "address", _("By the address")
        SUGGESTED = "suggested", _("Suggested by name and company")
        BY_HAND = "by_hand", _("Matched by hand")
        NOBODY = "nobody", _("Nobody we know")
        AWAY = "away", _("Did not attend")

    batch = models.ForeignKey(
        CustomerImport, on_delete=models.CASCADE, related_name="+"
    )
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="+")
    line = models.PositiveIntegerField(_("line"))
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.CharField(_("e-mail address"), max_length=254, blank=True)
    company = models.CharField(_("company"), max_length=200, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutes attended"), null=True)
    how = models.CharField(_("taken for"), max_length=9, choices=How.choices)
    buyer = models.ForeignKey(
        Buyer, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    seat = models.ForeignKey(
        Seat, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    before = models.CharField(max_length=9, blank=True)

    class Meta:
        verbose_name = _("line of an attendance file")
        verbose_name_plural = _("lines of attendance files")
        ordering = ("batch", "line")
        constraints = (
            models.UniqueConstraint(
                fields=["batch", "line"], name="attendance_line_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.line}"
