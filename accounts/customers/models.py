"""The customer companies, the people who buy for them, and the files they come from."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Account(models.Model):
    """A customer company, known by its ERP customer number: the unit of adoption.

    ``eligible``, ``is_key`` and ``rep`` hold today's value; `AccountFact` holds
    what they were on any earlier date.
    """

    number = models.CharField(_("customer number"), max_length=40)
    number_key = models.CharField(max_length=40, editable=False)
    name = models.CharField(_("name"), max_length=200)
    segment = models.CharField(_("segment"), max_length=60, blank=True)
    is_key = models.BooleanField(_("key account"), default=False)
    city = models.CharField(_("city"), max_length=100, blank=True)
    country = models.CharField(
        _("country"), max_length=2, blank=True, help_text=_("Two letters, ISO 3166.")
    )
    language = models.CharField(_("language"), max_length=5, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64)
    rep = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("sales rep"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="accounts",
    )
    rep_code = models.CharField(_("sales rep code"), max_length=60, blank=True)
    annual_value = models.DecimalField(
        _("yearly turnover"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    customer_since = models.DateField(_("customer since"), null=True, blank=True)
    eligible = models.BooleanField(_("may order online"), default=True)
    ineligible_reason = models.CharField(_("reason"), max_length=200, blank=True)
    ineligible_from = models.DateField(_("not from"), null=True, blank=True)
    ineligible_until = models.DateField(_("not until"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("updated"), db_default=Now())

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ("number_key",)
        constraints = (
            models.UniqueConstraint("number_key", name="account_number_unique"),
        )
        indexes = (models.Index(fields=["rep"], name="account_rep"),)

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def save(self, **options: object) -> None:
        self.number_key = self.number.strip().casefold()
        super().save(**options)  # type: ignore[arg-type]


class AccountFact(models.Model):
    """What an account was between two dates: eligible, key, whose; for "as of"."""

    class Kind(models.TextChoices):
        ELIGIBLE = "eligible", _("May order online")
        KEY = "key", _("Key account")
        REP = "rep", _("Sales rep")

    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.CASCADE,
        related_name="facts",
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    value = models.CharField(_("value"), max_length=60)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    valid_from = models.DateTimeField(_("from"))
    valid_until = models.DateTimeField(_("until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=60)

    class Meta:
        verbose_name = _("account fact")
        verbose_name_plural = _("account facts")
        ordering = ("account", "kind", "valid_from")
        constraints = (
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=Q(valid_until__isnull=True),
                name="account_fact_one_current",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}={self.value}"


class Buyer(models.Model):
    """A person who buys for an account.

    ``email`` is sent to as typed (lower-cased domain); ``email_key`` is its
    case-folded form, unique within the account; ``address_hash`` is the keyed
    hash by which suppression knows it. All three change together, in
    `customers.addresses`.
    """

    uuid = models.UUIDField(default=uuid4, editable=False)
    account = models.ForeignKey(
        Account,
        verbose_name=_("account"),
        on_delete=models.PROTECT,
        related_name="buyers",
    )
    external_id = models.CharField(_("store or ERP id"), max_length=60, blank=True)
    email = models.CharField(_("e-mail address"), max_length=254, blank=True)
    email_key = models.CharField(max_length=254, blank=True, editable=False)
    address_hash = models.BinaryField(max_length=32, null=True, editable=False)
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    language = models.CharField(
        _("language"), max_length=5, choices=[("es", "Español"), ("en", "English")]
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        help_text=_("Empty: the account's."),
    )
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("updated"), db_default=Now())

    class Meta:
        verbose_name = _("buyer")
        verbose_name_plural = _("buyers")
        ordering = ("account", "last_name", "first_name", "id")
        constraints = (
            models.UniqueConstraint(fields=["uuid"], name="buyer_uuid_unique"),
            models.UniqueConstraint(
                fields=["account", "email_key"],
                condition=~Q(email_key=""),
                name="buyer_email_unique_in_account",
            ),
        )
        indexes = (
            models.Index(fields=["email_key"], name="buyer_email_key"),
            models.Index(fields=["address_hash"], name="buyer_address_hash"),
        )

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class CustomerImport(models.Model):
    """One uploaded file and how far its job has come; the row is the queue."""

    class Kind(models.TextChoices):
        CUSTOMERS = "customers", _("Customers")
        ORDERS = "orders", _("Orders")

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Columns to be matched")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked, not applied")
        APPLYING = "applying", _("Being applied")
        APPLIED = "applied", _("Applied")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    class LegalBasis(models.TextChoices):
        EXISTING_CUSTOMER = "existing_customer", _("Existing customer")
        CONSENT = "consent", _("Consent")
        NONE = "none", _("None: send nothing")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField(editable=False)
    sha256 = models.BinaryField(max_length=32, editable=False)
    size = models.PositiveIntegerField(_("size"))
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    delimiter = models.CharField(_("delimiter"), max_length=1, blank=True)
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    header = models.JSONField(_("header"), default=list)
    mapping = models.JSONField(_("columns"), default=dict)
    options = models.JSONField(_("options"), default=dict)
    legal_basis = models.CharField(
        _("legal basis"), max_length=20, choices=LegalBasis.choices, blank=True
    )
    consent_source = models.CharField(_("consent source"), max_length=200, blank=True)
    consent_date = models.DateField(_("consent date"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=State.choices, default=State.UPLOADED
    )
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    counts = models.JSONField(_("counts"), default=dict)
    error = models.TextField(_("error"), blank=True)
    cancel_requested = models.BooleanField(default=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        on_delete=models.SET_NULL,
    )
    created_at = models.DateTimeField(_("uploaded"), db_default=Now())
    checked_at = models.DateTimeField(_("checked"), null=True)
    applied_at = models.DateTimeField(_("applied"), null=True)
    undone_at = models.DateTimeField(_("undone"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.file_name


class ImportMapping(models.Model):
    """The columns somebody matched once, remembered for the next file like it."""

    kind = models.CharField(max_length=10, choices=CustomerImport.Kind.choices)
    header_key = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("remembered columns")
        verbose_name_plural = _("remembered columns")
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "header_key"], name="import_mapping_unique"
            ),
        )

    def __str__(self) -> str:
        return self.header_key


class ImportIssue(models.Model):
    """A line that was refused, or taken with a remark, and why."""

    class Severity(models.TextChoices):
        REFUSED = "refused", _("Refused")
        REMARK = "remark", _("Remark")

    batch = models.ForeignKey(
        CustomerImport, on_delete=models.CASCADE, related_name="issues"
    )
    line = models.PositiveIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=100, blank=True)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices)
    code = models.CharField(_("reason"), max_length=40)
    value = models.CharField(_("value"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("import issue")
        verbose_name_plural = _("import issues")
        ordering = ("batch", "line", "id")

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"


class ImportChange(models.Model):
    """What an import would do, or did, to one account or buyer; undo reads it."""

    class Action(models.TextChoices):
        CREATE = "create", _("New")
        CHANGE = "change", _("Changed")

    batch = models.ForeignKey(
        CustomerImport, on_delete=models.CASCADE, related_name="changes"
    )
    line = models.PositiveIntegerField(_("line"))
    model = models.CharField(max_length=10)
    object_id = models.BigIntegerField(null=True)
    label = models.CharField(max_length=300)
    action = models.CharField(max_length=6, choices=Action.choices)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    undo_refused = models.CharField(max_length=40, blank=True)

    class Meta:
        verbose_name = _("import change")
        verbose_name_plural = _("import changes")
        ordering = ("batch", "line", "id")

    def __str__(self) -> str:
        return f"{self.action} {self.label}"
