"""What a course hands out, in versions, and who opened it."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.customers.lines import validate_line
from accounts.customers.models import Buyer

from .courses import Course


class Material(models.Model):
    """A file, a link or a video of a course. What it holds is its newest version;
    buyers follow an address of ours that names the material, not the version.
    """

    class Kind(models.TextChoices):
        FILE = "file", _("File")
        LINK = "link", _("Link")
        VIDEO = "video", _("Video")

    uuid = models.UUIDField(default=uuid4, editable=False)
    course = models.ForeignKey(
        Course,
        verbose_name=_("course"),
        on_delete=models.PROTECT,
        related_name="materials",
    )
    title = models.CharField(_("title"), max_length=120, validators=[validate_line])
    kind = models.CharField(_("kind"), max_length=5, choices=Kind.choices)
    position = models.PositiveSmallIntegerField(_("order"), default=0)
    active = models.BooleanField(_("on offer"), default=True)

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        ordering = ("course", "position", "id")
        constraints = (
            models.UniqueConstraint(fields=["uuid"], name="material_uuid_unique"),
        )

    def __str__(self) -> str:
        return self.title


class MaterialVersion(models.Model):
    """A material as it was handed out from ``published_at`` on; never changed.

    A file lies in the row, as imports do: web and worker need no shared folder.
    """

    material = models.ForeignKey(
        Material, on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveSmallIntegerField(_("version"), default=1)
    url = models.URLField(_("address"), max_length=500, blank=True)
    file_name = models.CharField(
        _("file name"), max_length=150, blank=True, validators=[validate_line]
    )
    content_type = models.CharField(max_length=100, blank=True, editable=False)
    content = models.BinaryField(null=True, editable=False)
    size = models.PositiveIntegerField(_("bytes"), default=0, editable=False)
    published_at = models.DateTimeField(_("published"), db_default=Now())
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

    class Meta:
        verbose_name = _("version of a material")
        verbose_name_plural = _("versions of materials")
        ordering = ("material", "-number")
        constraints = (
            models.UniqueConstraint(
                fields=["material", "number"], name="material_version_number"
            ),
            models.CheckConstraint(
                condition=~Q(url="") | Q(content__isnull=False),
                name="material_version_holds_something",
            ),
        )

    def __str__(self) -> str:
        return f"{self.material} v{self.number}"


class MaterialView(models.Model):
    """How often a buyer opened a version; one row for both, so a repeat only counts."""

    version = models.ForeignKey(
        MaterialVersion, on_delete=models.CASCADE, related_name="views"
    )
    buyer = models.ForeignKey(Buyer, on_delete=models.PROTECT, related_name="+")
    first_at = models.DateTimeField(_("first opened"))
    last_at = models.DateTimeField(_("last opened"))
    count = models.PositiveIntegerField(_("times"), default=1)

    class Meta:
        verbose_name = _("view of a material")
        verbose_name_plural = _("views of materials")
        ordering = ("-last_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["version", "buyer"], name="material_view_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.version_id}/{self.buyer_id}"
