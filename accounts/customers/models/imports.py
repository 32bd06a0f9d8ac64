"""Uploaded files, how far their jobs have come, and what they changed."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.customers import problems, shown


class CustomerImport(models.Model):
    """One uploaded file and how far its job has come; the row is the queue.

    A worker owns the row while ``lease_until`` lies ahead; ``owner`` is drawn anew
    with each claim, so that a worker which slept too long finds out. ``error`` is a
    code of `customers.problems`. ``stage`` names the lines in the staging tables.
    """

    class Kind(models.TextChoices):
        CUSTOMERS = "customers", _("Customers")
        ORDERS = "orders", _("Orders")
        ATTENDANCE = "attendance", _("Attendance of a training session")

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
    sha256 = models.BinaryField(max_length=32, editable=False)
    size = models.PositiveIntegerField(_("size"))
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    delimiter = models.CharField(_("delimiter"), max_length=1, blank=True)
    sheet = models.CharField(_("sheet"), max_length=100, blank=True)
    header = models.JSONField(_("header"), default=list)
    samples = models.JSONField(_("samples"), default=list)
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
    stage = models.BigIntegerField(null=True, editable=False)
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    rows_done = models.PositiveIntegerField(_("rows done"), default=0)
    counts = models.JSONField(_("counts"), default=dict)
    error = models.CharField(_("error"), max_length=40, blank=True)
    error_line = models.PositiveIntegerField(_("line"), null=True)
    cancel_requested = models.BooleanField(default=False)
    owner = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("uploaded by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("applied by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(_("uploaded"), db_default=Now())
    checked_at = models.DateTimeField(_("checked"), null=True)
    applied_at = models.DateTimeField(_("applied"), null=True)
    undone_at = models.DateTimeField(_("undone"), null=True)

    #: A file lies open once: ten uploads of it at the same time are one import.
    OPEN = (State.UPLOADED, State.CHECKING, State.CHECKED, State.APPLYING)
    #: In these a worker is at work, or should be.
    BUSY = (State.CHECKING, State.APPLYING, State.UNDOING)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        permissions = (("apply_customerimport", _("May apply and take back")),)
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "sha256"],
                condition=Q(state__in=["uploaded", "checking", "checked", "applying"]),
                name="import_file_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind="customers")
                | Q(state__in=["uploaded", "cancelled", "failed"])
                | ~Q(legal_basis=""),
                name="import_declares_legal_basis",
            ),
            models.CheckConstraint(
                condition=~Q(legal_basis="consent")
                | (~Q(consent_source="") & Q(consent_date__isnull=False)),
                name="import_consent_has_source_and_date",
            ),
        )
        indexes = (
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=["checking", "applying", "undoing"]),
                name="import_busy",
            ),
        )

    def __str__(self) -> str:
        return self.file_name


class ImportPart(models.Model):
    """A piece of an uploaded file: no process ever holds the whole of it."""

    batch = models.ForeignKey(
        CustomerImport, on_delete=models.CASCADE, related_name="parts"
    )
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        ordering = ("batch", "number")
        constraints = (
            models.UniqueConstraint(
                fields=["batch", "number"], name="import_part_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"


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
    """A line that was refused, in whole or in part, or taken with a remark; and why.

    ``code`` is one of `customers.problems`; ``label`` the customer number, by which a
    person finds the line in a spreadsheet.
    """

    class Severity(models.TextChoices):
        REFUSED = "refused", _("Refused")
        REMARK = "remark", _("Remark")

    class Part(models.TextChoices):
        LINE = "line", _("The whole line")
        BUYER = "buyer", _("The buyer")
        VALUE = "value", _("This value")
        NOTHING = "nothing", _("Nothing")

    # Checked row by row at commit, the key would cost more than the row is worth.
    batch = models.ForeignKey(
        CustomerImport,
        on_delete=models.CASCADE,
        related_name="issues",
        db_constraint=False,
    )
    line = models.PositiveIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=100, blank=True)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices)
    part = models.CharField(
        _("left out"), max_length=8, choices=Part.choices, default=Part.LINE
    )
    code = models.CharField(_("reason"), max_length=40)
    value = models.CharField(_("value"), max_length=200, blank=True)
    label = models.CharField(_("customer number"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("import issue")
        verbose_name_plural = _("import issues")
        ordering = ("batch", "line", "id")

    def __str__(self) -> str:
        return f"{self.line}: {self.code}"

    @property
    def sentence(self) -> Promise | str:
        return problems.sentence(self.code)

    @property
    def shown(self) -> str:
        return shown.both(self.value)


class ImportChange(models.Model):
    """What an applied import did to one account or buyer; undo reads it."""

    class Action(models.TextChoices):
        CREATE = "create", _("New")
        CHANGE = "change", _("Changed")

    class Model(models.TextChoices):
        ACCOUNT = "account", _("Account")
        BUYER = "buyer", _("Buyer")

    # As above; its index is the one below.
    batch = models.ForeignKey(
        CustomerImport,
        on_delete=models.CASCADE,
        related_name="changes",
        db_constraint=False,
        db_index=False,
    )
    line = models.PositiveIntegerField(_("line"))
    model = models.CharField(_("what"), max_length=10, choices=Model.choices)
    object_id = models.BigIntegerField(null=True)
    label = models.CharField(_("name"), max_length=300)
    action = models.CharField(_("change"), max_length=6, choices=Action.choices)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    undo_refused = models.CharField(_("why it stayed"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("import change")
        verbose_name_plural = _("import changes")
        ordering = ("batch", "line", "id")
        indexes = (
            models.Index(
                fields=["batch", "model", "object_id"], name="import_change_of"
            ),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.label}"


class ImportHolding(models.Model):
    """Rows that an applied import found as it says them: it rests on them too.

    Many in one row, a span of the import each: what is unchanged is most of it.
    """

    batch = models.ForeignKey(
        CustomerImport, on_delete=models.CASCADE, related_name="holdings"
    )
    model = models.CharField(max_length=10, choices=ImportChange.Model.choices)
    ids = ArrayField(models.BigIntegerField())

    def __str__(self) -> str:
        return f"{self.batch_id}: {len(self.ids)} {self.model}"
