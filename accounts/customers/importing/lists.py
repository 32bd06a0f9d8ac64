"""What a checked import would do, and what an applied one did, line by line."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.customers import countries, problems, shown
from accounts.customers.jobs import Figure, Line
from accounts.customers.models import (
    Account,
    Buyer,
    CustomerImport,
    ImportChange,
    StagedAccount,
    StagedBuyer,
)
from accounts.staff.models import User

State = CustomerImport.State
_DONE = (State.APPLIED, State.UNDOING, State.UNDONE)
_MODELS: Mapping[str, type[Account | Buyer]] = {"account": Account, "buyer": Buyer}
_STAGED: Mapping[str, Any] = {"account": StagedAccount, "buyer": StagedBuyer}


class Lines:
    """Rows of a query, made into `Line` objects a page at a time."""

    def __init__(
        self, rows: QuerySet[Any], shape: Callable[[Sequence[Any]], list[Line]]
    ) -> None:
        self.rows = rows
        self.shape = shape

    def __len__(self) -> int:
        return self.rows.count()

    def __getitem__(self, wanted: slice) -> list[Line]:
        return self.shape(list(self.rows[wanted]))


def figures() -> tuple[Figure, ...]:
    """What is new, changed and the same, each number with the lines behind it."""
    return (
        Figure("accounts_create", _("New accounts"), _lines("account", "create")),
        Figure("accounts_change", _("Changed accounts"), _lines("account", "change")),
        Figure("accounts_same", _("Unchanged accounts"), _lines("account", "same")),
        Figure("buyers_create", _("New buyers"), _lines("buyer", "create")),
        Figure("buyers_change", _("Changed buyers"), _lines("buyer", "change")),
        Figure("buyers_same", _("Unchanged buyers"), _lines("buyer", "same")),
    )


def stayed(batch: CustomerImport) -> Lines:
    """What an undo could not take back, and why."""
    kept = ImportChange.objects.filter(batch=batch).exclude(undo_refused="")
    return Lines(kept.order_by("id"), _of_changes)


def _lines(model: str, action: str) -> Callable[[CustomerImport], Lines]:
    def lines(batch: CustomerImport) -> Lines:
        if batch.state in _DONE:
            done = ImportChange.objects.filter(batch=batch, model=model, action=action)
            return Lines(done.order_by("line", "id"), _of_changes)
        staged = _STAGED[model].objects.filter(stage=batch.stage, action=action)
        return Lines(staged.order_by("line", "id"), _shape_of_staged(model))

    return lines


def _of_changes(changes: Sequence[ImportChange]) -> list[Line]:
    people = _people(changes)
    return [
        Line(
            change.line,
            change.label,
            _href(change.model, change.object_id),
            []
            if change.action == ImportChange.Action.CREATE
            else _differences(change.model, change.before, change.after, people),
            problems.sentence(change.undo_refused) if change.undo_refused else "",
        )
        for change in changes
    ]


def _shape_of_staged(model: str) -> Callable[[Sequence[Any]], list[Line]]:
    def shape(rows: Sequence[Any]) -> list[Line]:
        people = _people(rows)
        named = _titles(model, rows)
        return [
            Line(
                row.line,
                named[row.pk],
                _href(model, _id_of(model, row)),
                _differences(model, row.before or {}, row.after or {}, people),
            )
            for row in rows
        ]

    return shape


def _titles(model: str, rows: Sequence[Any]) -> dict[int, str]:
    """As the customer is called now; new ones as the file calls them."""
    if model == "account":
        names = dict(
            Account.objects.filter(id__in=[row.account_id for row in rows]).values_list(
                "id", "name"
            )
        )
        called = {row.pk: names.get(row.account_id) or row.name or "" for row in rows}
        return {row.pk: f"{row.number} {called[row.pk]}".strip() for row in rows}
    buyers = Buyer.objects.in_bulk([row.buyer_id for row in rows if row.buyer_id])
    return {row.pk: _buyer_title(row, buyers.get(row.buyer_id)) for row in rows}


def _buyer_title(row: Any, buyer: Buyer | None) -> str:
    if buyer is not None:
        return f"{buyer.full_name} {buyer.email}".strip()
    parts = (row.first_name, row.last_name, row.email or row.external_id)
    return " ".join(part for part in parts if part)


def _id_of(model: str, row: Any) -> int | None:
    found: int | None = row.account_id if model == "account" else row.buyer_id
    return found


def _href(model: str, pk: int | None) -> str:
    return reverse(f"admin:customers_{model}_change", args=[pk]) if pk else ""


def _people(rows: Sequence[Any]) -> dict[int, str]:
    """Names of the reps that the rows speak of."""
    ids = {
        said["rep_id"]
        for row in rows
        for said in (row.before or {}, row.after or {})
        if said.get("rep_id")
    }
    users = User.objects.filter(id__in=ids) if ids else User.objects.none()
    return {user.pk: str(user) for user in users}


def _differences(
    model: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    people: Mapping[int, str],
) -> list[tuple[str | Promise, str, str]]:
    return [
        (
            _label(model, name),
            _shown(name, before.get(name), people),
            _shown(name, after[name], people),
        )
        for name in after
    ]


def _label(model: str, name: str) -> str | Promise:
    field = "rep" if name == "rep_id" else name
    label: str | Promise = _MODELS[model]._meta.get_field(field).verbose_name  # type: ignore[union-attr]
    return label


def _shown(name: str, value: Any, people: Mapping[int, str]) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if name == "rep_id":
        return people.get(value, str(value))
    if name == "annual_value":
        return formats.number_format(value, 2, use_l10n=True, force_grouping=True)
    if name == "language":
        return str(dict(settings.LANGUAGES).get(value, value))
    if name == "country":
        return countries.name_of(value)
    return shown.one(str(value))
