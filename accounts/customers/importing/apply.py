"""Writes what was checked, in one transaction, in spans of a few thousand accounts.

Between spans the work shows how far it has come and lets itself be cancelled; then
nothing of it happened. What is written is what the file says, compared with the
customers as they are now, not as they were when it was checked.
"""

from datetime import datetime
from typing import Any

from django.db import connection

from accounts.customers import signals, upserts
from accounts.customers.jobs import Job
from accounts.customers.models import CustomerImport, ImportChange
from accounts.customers.upserts import sql
from accounts.customers.upserts.span import Span, cut

from . import issues
from .check import count_actions, read_into_stage
from .issues import Issues

#: Accounts written between two beats.
SPAN = 5_000


def apply(job: Job) -> dict[str, Any]:
    """Write the staged lines; the figures of what was done."""
    _ensure_staged(job)
    batch = job.batch
    for span in _with_progress(job):
        upserts.write(span, job.at, f"import:{batch.pk}")
        _keep_changes(span, batch, job.at)
    _tell(batch, job.at)
    counts = {**_NOTHING, **count_actions(batch.stage or 0)}
    upserts.clear(batch.stage)
    return counts


# What was to be changed when it was checked may have become so by itself since.
_NOTHING = {
    f"{what}_{action}": 0
    for what in ("accounts", "buyers")
    for action in ("create", "change", "same")
}


def _with_progress(job: Job) -> Any:
    spans = cut(job.batch.stage or 0, SPAN)
    for place, span in enumerate(spans):
        yield span
        job.beat(job.batch.rows_total * (place + 1) // len(spans))


def _ensure_staged(job: Job) -> None:
    """Staged lines do not outlive a crash of the database: read the file again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM customers_stagedaccount WHERE stage = %s)",
            [job.batch.stage],
        )
        if cursor.fetchone()[0]:
            return
    issues.forget(job.batch.pk)
    found = Issues(job.batch.pk)
    number, _lines = read_into_stage(job, found)
    upserts.match(Span(number))
    found.flush()


_KEEP_ACCOUNTS = f"""
    INSERT INTO customers_importchange
        (batch_id, line, model, object_id, label, action, before, after, undo_refused)
    SELECT %(batch)s, s.line, 'account', s.account_id,
        left(a.number || ' ' || a.name, 300), s.action,
        coalesce(s.before, '{{{{}}}}'),
        CASE WHEN s.action = 'create'
            THEN {sql.as_json(sql.columns_of("a", sql.ACCOUNT))}
            ELSE coalesce(s.after, '{{{{}}}}') END, ''
    FROM customers_stagedaccount s
    JOIN customers_account a ON a.id = s.account_id
    WHERE {{span}} AND s.action IN ('create', 'change')
    ORDER BY s.line
"""  # noqa: S608 - put together from constants, values bound

_KEEP_BUYERS = f"""
    INSERT INTO customers_importchange
        (batch_id, line, model, object_id, label, action, before, after, undo_refused)
    SELECT %(batch)s, s.line, 'buyer', s.buyer_id,
        left(btrim(b.first_name || ' ' || b.last_name || ' ' || b.email), 300),
        s.action, coalesce(s.before, '{{{{}}}}'),
        CASE WHEN s.action = 'create'
            THEN {sql.as_json({n: f"b.{n}" for n in sql.SHOWN_OF_BUYER})}
            ELSE coalesce(s.after, '{{{{}}}}') END, ''
    FROM customers_stagedbuyer s
    JOIN customers_buyer b ON b.id = s.buyer_id
    WHERE {{span}} AND s.action IN ('create', 'change')
    ORDER BY s.line
"""  # noqa: S608 - likewise


_HOLD = """
    INSERT INTO customers_importholding (batch_id, model, ids)
    SELECT %(batch)s, '{model}', array_agg(DISTINCT s.{model}_id)
    FROM customers_staged{model} s
    WHERE {span} AND s.action IN ('same', 'change') AND s.{model}_id IS NOT NULL
    HAVING count(*) > 0
"""


def _keep_changes(span: Span, batch: CustomerImport, at: datetime) -> None:
    with connection.cursor() as cursor:
        for statement in (_KEEP_ACCOUNTS, _KEEP_BUYERS):
            cursor.execute(
                statement.format(span=span.where), span.values(batch=batch.pk, at=at)
            )
        for model in ImportChange.Model.values:
            cursor.execute(
                _HOLD.format(model=model, span=span.where),
                span.values(batch=batch.pk, at=at),
            )


def _tell(batch: CustomerImport, at: datetime) -> None:
    """Consent and journal hear of it while the staged lines still lie there."""
    declared = signals.LegalBasis(
        batch.legal_basis,
        f"import:{batch.pk}",
        batch.consent_source,
        batch.consent_date,
    )
    signals.customers_written.send(
        sender=CustomerImport, stage=batch.stage, declared=declared, at=at
    )
    signals.import_applied.send(sender=CustomerImport, batch=batch, at=at)
