"""The dry run: reads the file, says what would happen, writes to no customer."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Count

from accounts.customers import shown, upserts
from accounts.customers.jobs import Job
from accounts.customers.models import CustomerImport, ImportIssue, StagedAccount
from accounts.customers.readers import BadFile, Row
from accounts.customers.upserts import folding, stage
from accounts.customers.upserts.span import Span

from . import issues
from .issues import Issues
from .reading import Reader

Part = ImportIssue.Part
#: So many lines are in memory at a time.
CHUNK = 2_000


def check(job: Job) -> dict[str, Any]:
    """Stage the lines, compare them with what is there, gather what is wrong."""
    issues.forget(job.batch.pk)
    found = Issues(job.batch.pk)
    number, lines = read_into_stage(job, found)
    if lines == 0:
        raise BadFile("file_header_only")
    upserts.match(Span(number))
    tell_of_matches(job, number, found)
    found.flush()
    return count(job, number, found, lines)


def read_into_stage(job: Job, found: Issues) -> tuple[int, int]:
    """Read the whole file, a chunk in memory at a time: the stage, and its lines."""
    number = _fresh_stage(job.batch)
    reader = Reader(job, number, found)
    lines = 0
    for chunk in _chunks(job.rows()):
        for row in chunk:
            reader.read(row)
        upserts.fill(reader.accounts, reader.buyers)
        reader.accounts.clear()
        reader.buyers.clear()
        found.flush()
        lines += len(chunk)
        job.beat(lines)
    stage.refresh_statistics()
    folding.fold(number)
    return number, lines


def tell_of_matches(job: Job, number: int, found: Issues) -> None:
    """What only shows when the lines are seen together, and beside what is there."""
    for one in folding.contradictions(number):
        found.refuse(
            one["line"],
            "account_contradicts",
            Part.VALUE,
            column=_header_of(job, one["field"]),
            value=f"{one['value']}{shown.AGAINST}{one['counts']}",
            label=one["label"],
        )
    for one in folding.repeated_buyers(number):
        found.remark(one["line"], "buyer_repeated", Part.NOTHING, **_about(one))
    for one in folding.refused_accounts(number):
        found.refuse(one["line"], "name_missing", Part.LINE, **_about(one))
    for one in folding.refused_buyers(number):
        found.refuse(one["line"], "buyer_of_two", Part.BUYER, **_about(one))


def count(job: Job, number: int, found: Issues, lines: int) -> dict[str, Any]:
    """The figures of the page: what is new, changed, the same, refused."""
    CustomerImport.objects.filter(pk=job.batch.pk).update(rows_total=lines)
    return {
        "lines": lines,
        "remarks": found.remarks,
        "refused": _refused_lines(job.batch, found),
        "reps_unmatched": _reps_unmatched(number),
        **count_actions(number),
    }


def count_actions(number: int) -> dict[str, int]:
    """accounts_create, accounts_change, accounts_same and the same of buyers."""
    figures = {}
    with connection.cursor() as cursor:
        for what in ("account", "buyer"):
            cursor.execute(
                f"SELECT action, count(*) FROM customers_staged{what}"  # noqa: S608
                " WHERE stage = %s AND action <> 'folded' GROUP BY action",
                [number],
            )
            for action, rows in cursor.fetchall():
                figures[f"{what}s_{action}"] = rows
    return figures


def _reps_unmatched(number: int) -> list[list[Any]]:
    """Codes nobody on the staff answers to, with how many accounts carry them."""
    waiting = StagedAccount.objects.filter(stage=number, rep_id=None).exclude(
        rep_code=None
    )
    counted = (
        waiting.exclude(action="folded")
        .values_list("rep_code")
        .annotate(accounts=Count("id"))
        .order_by("-accounts", "rep_code")
    )
    return [list(pair) for pair in counted[:50]]


# Staged fields whose column may go by another name.
_COLUMN_OF = {"language": "account_language", "eligible": "blocked"}


def _header_of(job: Job, field: str) -> str:
    return job.header_of(_COLUMN_OF.get(field, field)) or job.header_of(field)


def _about(one: Any) -> dict[str, str]:
    return {"value": one["value"] or "", "label": one["label"]}


def _refused_lines(batch: CustomerImport, found: Issues) -> int:
    if found.kept >= issues.MOST_KEPT:
        return found.refused
    refused = ImportIssue.objects.filter(
        batch=batch, severity=ImportIssue.Severity.REFUSED
    )
    return refused.values("line").distinct().count()


def _fresh_stage(batch: CustomerImport) -> int:
    """An earlier reading of the file is thrown away, finished or not."""
    upserts.clear(batch.stage)
    batch.stage = number = upserts.draw_stage()
    CustomerImport.objects.filter(pk=batch.pk).update(stage=number)
    return number


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk
