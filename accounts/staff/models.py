"""Who works here: staff users with one role each, and the keys of other systems."""

from typing import Any, ClassVar

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    MARKETING_MANAGER = "marketing_manager", _("Marketing manager")
    MARKETING_EDITOR = "marketing_editor", _("Marketing editor")
    SALES_REP = "sales_rep", _("Sales rep")
    ANALYST = "analyst", _("Analyst")
    TRAINER = "trainer", _("Trainer")


class UserManager(BaseUserManager["User"]):
    def create_user(
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        fields.setdefault("role", Role.ADMINISTRATOR)
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A staff member. Customers never log in; they follow personal links."""

    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=100)
    role = models.CharField(
        _("role"), max_length=30, choices=Role.choices, default=Role.ANALYST
    )
    rep_code = models.CharField(
        _("sales rep code"),
        max_length=60,
        blank=True,
        help_text=_("As the ERP writes it. Imports match accounts to reps by it."),
    )
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(
        _("language"), max_length=5, choices=[("es", "Español"), ("en", "English")]
    )
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ("name", "email")
        constraints = (
            models.UniqueConstraint(fields=["email"], name="staff_user_email_unique"),
            models.UniqueConstraint(
                models.functions.Lower("email"), name="staff_user_email_folded"
            ),
            models.UniqueConstraint(
                models.functions.Lower("rep_code"),
                condition=~Q(rep_code=""),
                name="staff_user_rep_code_folded",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """May enter the admin: everybody but sales reps, who have their own pages."""
        return self.is_active and (self.is_superuser or self.role != Role.SALES_REP)

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class ApiKey(models.Model):
    """A key of the store or the ERP; only its SHA-256 is kept."""

    class Scope(models.TextChoices):
        EVENTS = "events", _("Report events")
        CUSTOMERS = "customers", _("Write customers")
        READ = "read", _("Read invitations and figures")

    name = models.CharField(_("name"), max_length=100)
    source = models.SlugField(
        _("source"),
        max_length=40,
        help_text=_("Names the system in the journal, such as “store” or “erp”."),
    )
    prefix = models.CharField(_("prefix"), max_length=12)
    digest = models.BinaryField(_("digest"), max_length=32, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_by = models.ForeignKey(
        User,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint("digest", name="staff_apikey_digest_unique"),
        )

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class UserChange(models.Model):
    """What an administrator changed of a user's access; never changed itself."""

    class What(models.TextChoices):
        EMAIL = "email", _("E-mail address")
        ROLE = "role", _("Role")
        ACTIVE = "is_active", _("Active")
        REP_CODE = "rep_code", _("Sales rep code")
        PASSWORD = "password", _("Password")
        SECOND_FACTOR = "second_factor", _("Second factor removed")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="changes")
    by = models.ForeignKey(
        User,
        verbose_name=_("by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    at = models.DateTimeField(_("when"))
    what = models.CharField(_("what"), max_length=20, choices=What.choices)
    before = models.CharField(_("before"), max_length=254, blank=True)
    after = models.CharField(_("after"), max_length=254, blank=True)

    class Meta:
        verbose_name = _("change of access")
        verbose_name_plural = _("changes of access")
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return self.get_what_display()
