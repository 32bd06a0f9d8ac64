"""Takes an applied import back, as far as nobody has built on it since.

What it created goes, unless it has been used or changed; what it changed becomes
again what it was, field by field, where the field still says what the import wrote.
Everything that stays is listed with the reason. The history of the accounts is not
rewritten: being undone is one more change.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Model

from accounts.customers import facts, signals, usage
from accounts.customers.jobs import Job
from accounts.customers.models import Account, Buyer, CustomerImport, ImportChange
from accounts.customers.upserts import sql
from accounts.staff.models import User

#: Accounts looked at, with their buyers, between two beats.
SPAN = 1_000
CREATE, CHANGE = ImportChange.Action.CREATE, ImportChange.Action.CHANGE

_NEXT_ACCOUNTS = """
    SELECT a.id, a.number_key FROM customers_account a
    WHERE a.number_key > %s AND (
        EXISTS (SELECT 1 FROM customers_importchange c
                WHERE c.batch_id = %s AND c.model = 'account'
                  AND c.object_id = a.id)
        OR EXISTS (SELECT 1 FROM customers_importchange c
                   JOIN customers_buyer b ON b.id = c.object_id
                   WHERE c.batch_id = %s AND c.model = 'buyer'
                     AND b.account_id = a.id)
    )
    ORDER BY a.number_key LIMIT %s
    FOR NO KEY UPDATE OF a
"""


# The one column that goes by another name than its field.
_FIELD_OF = {"rep_id": "rep"}


@dataclass
class Tally:
    deleted: int = 0
    restored: int = 0
    kept: int = 0


def undo(job: Job) -> dict[str, Any]:
    tally, done = Tally(), 0
    for account_ids in _spans(job.batch):
        buyers = _changes(job.batch, "buyer", _buyers_of(account_ids, job.batch))
        accounts = _changes(job.batch, "account", account_ids)
        _undo_buyers(buyers, job, tally)
        _undo_accounts(accounts, job, tally)
        done += len(account_ids)
        job.beat(done)
    tally.kept += _tell_of_the_gone(job.batch)
    signals.import_undone.send(sender=CustomerImport, batch=job.batch, at=job.at)
    return {
        "undone_deleted": tally.deleted,
        "undone_restored": tally.restored,
        "undone_kept": tally.kept,
    }


def _spans(batch: CustomerImport) -> Iterator[list[int]]:
    """The accounts concerned, locked, in the order in which all writers take them."""
    after = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_NEXT_ACCOUNTS, [after, batch.pk, batch.pk, SPAN])
            found = cursor.fetchall()
        if not found:
            return
        after = found[-1][1]
        yield [row[0] for row in found]


def _buyers_of(account_ids: Sequence[int], batch: CustomerImport) -> list[int]:
    """Locked until the end: nobody can start to use one of them meanwhile."""
    touched = ImportChange.objects.filter(batch=batch, model="buyer")
    buyers = Buyer.objects.filter(
        account_id__in=account_ids, id__in=touched.values("object_id")
    )
    locked = buyers.order_by("id").select_for_update(of=("self",))
    return list(locked.values_list("id", flat=True))


def _changes(
    batch: CustomerImport, model: str, ids: Sequence[int]
) -> list[ImportChange]:
    found = ImportChange.objects.filter(batch=batch, model=model, object_id__in=ids)
    return list(found.order_by("id"))


# -- Buyers --------------------------------------------------------------------------


def _undo_buyers(changes: list[ImportChange], job: Job, tally: Tally) -> None:
    now = _as_they_are(changes, "customers_buyer", sql.SHOWN_OF_BUYER)
    created = [change for change in changes if change.action == CREATE]
    used = usage.used("buyer", _ids(created))
    held = _held(job.batch, "buyer", _ids(created))
    going = _sort_out(created, now, used, held, tally)
    Buyer.objects.filter(id__in=going).delete()
    tally.deleted += len(going)
    changed = [change for change in changes if change.action == CHANGE]
    rows = Buyer.objects.in_bulk(_ids(changed))
    taken = _taken_identities(rows.values())
    restored = []
    for change, buyer in _with_rows(changed, rows):
        wanted = _wanted(change, now, tally)
        if _clashes(buyer, wanted, taken):
            _keep(change, "changed", tally)
            continue
        if wanted:
            _assign(buyer, wanted)
            buyer.keep_address()
            restored.append(buyer)
    _save(restored, (*sql.SHOWN_OF_BUYER, "email_key", "address_hash"), job)
    tally.restored += len(restored)


def _taken_identities(buyers: Iterable[Buyer]) -> set[tuple[int, str, str]]:
    """What two buyers of an account cannot share, as it is given out now."""
    accounts = {buyer.account_id for buyer in buyers}
    rows = Buyer.objects.filter(account_id__in=accounts)
    taken = set()
    for account, email, external in rows.values_list(
        "account_id", "email", "external_id"
    ):
        taken |= {(account, "email", email), (account, "external_id", external)}
    return taken


def _clashes(
    buyer: Buyer, wanted: dict[str, Any], taken: set[tuple[int, str, str]]
) -> bool:
    return any(
        (buyer.account_id, name, wanted[name]) in taken
        for name in ("email", "external_id")
        if wanted.get(name)
    )


# -- Accounts ------------------------------------------------------------------------


def _undo_accounts(changes: list[ImportChange], job: Job, tally: Tally) -> None:
    now = _as_they_are(changes, "customers_account", tuple(sql.ACCOUNT))
    created = [change for change in changes if change.action == CREATE]
    ids = _ids(created)
    peopled = set(
        Buyer.objects.filter(account_id__in=ids).values_list("account_id", flat=True)
    )
    used = usage.used("account", ids)
    for change in created:
        if change.object_id in peopled - used:
            _keep(change, "has_buyers", tally)
    free = [change for change in created if change.object_id not in peopled - used]
    going = _sort_out(free, now, used, _held(job.batch, "account", ids), tally)
    Account.objects.filter(id__in=going).delete()
    tally.deleted += len(going)
    changed = [change for change in changes if change.action == CHANGE]
    rows = Account.objects.in_bulk(_ids(changed))
    staff = set(User.objects.values_list("id", flat=True))
    restored = []
    for change, account in _with_rows(changed, rows):
        wanted = _wanted(change, now, tally)
        if wanted.get("rep_id") is not None and wanted["rep_id"] not in staff:
            del wanted["rep_id"]
        if wanted:
            _assign(account, wanted)
            restored.append(account)
    _save(restored, tuple(_FIELD_OF.get(name, name) for name in sql.ACCOUNT), job)
    facts.sync(_ids(changed), job.at, f"undo:{job.batch.pk}")
    tally.restored += len(restored)


# -- Both ----------------------------------------------------------------------------


def _as_they_are(
    changes: list[ImportChange], table: str, names: Sequence[str]
) -> dict[int, dict[str, Any]]:
    """The rows as JSON, written as the import wrote what it found."""
    values = sql.as_json({name: f"r.{name}" for name in names})
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.id, ({values})::text FROM {table} r WHERE r.id = ANY(%s)",  # noqa: S608
            [_ids(changes)],
        )
        return {row[0]: json.loads(row[1]) for row in cursor.fetchall()}


_HELD = """
    SELECT DISTINCT held.id
    FROM customers_importholding AS holding
    JOIN customers_customerimport AS later ON later.id = holding.batch_id
    CROSS JOIN LATERAL unnest(holding.ids) AS held (id)
    WHERE holding.model = %s AND later.state = 'applied'
      AND later.applied_at > %s AND held.id = ANY(%s)
"""


def _held(batch: CustomerImport, model: str, ids: Sequence[int]) -> set[int]:
    """Those of *ids* that imports applied later found as their files say them."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD, [model, batch.applied_at, list(ids)])
        return {row[0] for row in cursor.fetchall()}


def _sort_out(
    created: list[ImportChange],
    now: dict[int, dict[str, Any]],
    used: set[int],
    held: set[int],
    tally: Tally,
) -> list[int]:
    """The ids that may go; the others are told why they stay."""
    going = []
    for change in created:
        if change.object_id is None or change.object_id not in now:
            continue
        if change.object_id in used:
            _keep(change, "used", tally)
        elif change.object_id in held:
            _keep(change, "held", tally)
        elif now[change.object_id] != change.after:
            _keep(change, "changed", tally)
        else:
            going.append(change.object_id)
    return going


def _wanted(
    change: ImportChange, now: dict[int, dict[str, Any]], tally: Tally
) -> dict[str, Any]:
    """Fields that still say what the import wrote, with what they said before."""
    current = now[change.object_id or 0]
    same = [name for name in change.after if current.get(name) == change.after[name]]
    if len(same) < len(change.after):
        _keep(change, "changed", tally)
    return {name: change.before.get(name) for name in same}


def _keep(change: ImportChange, code: str, tally: Tally) -> None:
    if not change.undo_refused:
        tally.kept += 1
    change.undo_refused = code
    change.save(update_fields=["undo_refused"])


def _tell_of_the_gone(batch: CustomerImport) -> int:
    """Rows that somebody else has deleted: those changed are not there to restore."""
    with connection.cursor() as cursor:
        gone = 0
        for model in ("account", "buyer"):
            cursor.execute(
                f"""
                UPDATE customers_importchange c SET undo_refused = 'gone'
                WHERE batch_id = %s AND model = %s AND action = 'change'
                  AND NOT EXISTS (
                    SELECT 1 FROM customers_{model} r WHERE r.id = c.object_id
                  )
                """,  # noqa: S608 - one of two words
                [batch.pk, model],
            )
            gone += cursor.rowcount
    return gone


def _ids(changes: Iterable[ImportChange]) -> list[int]:
    return [change.object_id for change in changes if change.object_id is not None]


def _with_rows(
    changes: list[ImportChange], rows: dict[int, Any]
) -> Iterator[tuple[ImportChange, Any]]:
    for change in changes:
        row = rows.get(change.object_id or 0)
        if row is not None:
            yield change, row


def _assign(row: Model, wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        field: Any = row._meta.get_field(_FIELD_OF.get(name, name))
        known = value if value is not None or field.null else ""
        setattr(row, name, field.to_python(known))


def _save(rows: list[Any], fields: Sequence[str], job: Job) -> None:
    for row in rows:
        row.updated_at = job.at
    if rows:
        type(rows[0]).objects.bulk_update(rows, [*fields, "updated_at"], batch_size=500)
