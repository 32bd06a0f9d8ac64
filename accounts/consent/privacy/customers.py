"""What `customers` and `staff` hold of a person: below consent, so it is said here."""

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, TextField
from django.db.models.functions import Cast, Now
from django.utils.translation import gettext_lazy as _

from accounts.customers.models import (
    Account,
    Buyer,
    CustomerImport,
    ImportChange,
    ImportHolding,
    ImportIssue,
    ImportPart,
    StagedBuyer,
)

from .people import Person, any_of
from .registry import Deed, Holding, Rows, register

#: What of a buyer's row says who she is.
BLANK = {
    "external_id": "",
    "email": "",
    "email_key": "",
    "address_hash": None,
    "first_name": "",
    "last_name": "",
    "phone": "",
}


def _blank_buyer(rows: Rows, deed: Deed) -> int:
    """In one statement: the database takes no erased buyer with a name."""
    fresh = rows.filter(erased_at=None)
    return fresh.update(**BLANK, active=False, erased_at=deed.at, updated_at=Now())


def _text(rows: Rows, column: str, person: Person) -> Rows:
    """Rows in whose JSON something of her stands."""
    told: Rows = rows.alias(told=Cast(column, TextField()))
    return told.filter(person.in_text("told"))


def _imports(person: Person) -> Rows:
    return _text(CustomerImport.objects.all(), "samples", person)


def _changes(person: Person) -> Rows:
    """Also of a row that was hers once: an import undone, and applied again."""
    named = any_of(
        Q(**{f"{side}__email__iexact": email})
        for side in ("before", "after")
        for email in person.emails
    )
    others = Buyer.objects.exclude(pk=person.pk).values("pk")
    hers = Q(object_id=person.pk) | (named & ~Q(object_id__in=others))
    return ImportChange.objects.filter(hers, model="buyer")


def _holding(person: Person) -> Rows:
    return ImportHolding.objects.filter(model="buyer", ids__contains=[person.pk])


def _files(person: Person) -> Rows:
    """Of imports that certainly named her; all of them are read (`files`)."""
    named = Q(batch__in=_changes(person).values("batch"))
    named |= Q(batch__in=_holding(person).values("batch"))
    return ImportPart.objects.filter(named)


def _staged(person: Person) -> Rows:
    """Not those of somebody elsewhere who reads the same mailbox as a buyer."""
    named = Q(email_key__in=person.emails)
    if person.is_buyer:
        named &= Q(account_id=person.account_id) | Q(account_id=None)
    return StagedBuyer.objects.filter(Q(buyer_id=person.pk) | named)


def _log(person: Person) -> Rows:
    own = Q(
        content_type=ContentType.objects.get_for_model(Buyer), object_id=str(person.pk)
    )
    return LogEntry.objects.filter(
        own | person.in_text("object_repr", "change_message")
    )


register(
    Holding(
        Buyer,
        _("Name, addresses, phone and ids go; a number stays, so that sums hold."),
        path="pk",
        blank=BLANK,
        deed=_blank_buyer,
        keeps=("time_zone",),
    ),
    Holding(
        Account,
        _("The company is a customer whoever buys for it."),
        path="buyers",
        keeps=(
            *("number", "number_key", "name", "segment", "city", "country"),
            *("time_zone", "rep_code", "ineligible_reason"),
        ),
        of_company=(
            *("segment", "is_key", "annual_value", "rep", "rep_code"),
            *("eligible", "ineligible_reason", "ineligible_from", "ineligible_until"),
        ),
    ),
    Holding(
        CustomerImport,
        _("The first lines of an uploaded file that name the person go."),
        find=_imports,
        blank={"samples": []},
        of_others=("samples", "counts"),
        keeps=(
            *("file_name", "sha256", "encoding", "delimiter", "sheet", "header"),
            *("mapping", "options", "consent_source", "counts", "error"),
        ),
    ),
    Holding(
        ImportPart,
        _("Uploaded files that name the person are deleted whole."),
        called=_("Pieces of uploaded files"),
        find=_files,
        goes=True,
        later=True,
    ),
    Holding(
        ImportIssue,
        _("The value of the line goes; what was wrong with it stays."),
        find=lambda person: ImportIssue.objects.filter(person.in_text("value")),
        blank={"value": ""},
        keeps=("column", "code", "label"),
    ),
    Holding(
        ImportChange,
        _("That an import wrote a line stays; what it wrote goes."),
        find=_changes,
        blank={"label": "", "before": {}, "after": {}},
        keeps=("undo_refused",),
    ),
    Holding(
        ImportHolding,
        _("Numbers of rows, which tell nobody who it was."),
        called=_("Imports that found the person unchanged"),
        find=_holding,
        keeps=("ids",),
        of_others=("ids",),
    ),
    Holding(
        StagedBuyer,
        _("Lines of a file that is only checked so far leave it."),
        called=_("Lines of a file that wait"),
        find=_staged,
        goes=True,
    ),
    Holding(
        LogEntry,
        _("Who changed something and when stays; what it was called goes."),
        called=_("Changes made in the admin"),
        find=_log,
        blank={"object_repr": "", "change_message": ""},
        of_others=("object_repr", "change_message"),
        keeps=("object_id",),
    ),
)
