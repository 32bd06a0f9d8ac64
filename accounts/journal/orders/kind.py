"""Order lists as a kind of import, for the pages in the admin."""

from collections import Counter
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.customers.importing import issues
from accounts.customers.importing.issues import Issues
from accounts.customers.jobs import Counts, Figure, Job, Kind
from accounts.customers.models import CustomerImport, ImportIssue
from accounts.customers.readers import BadFile, Row
from accounts.journal.intake import Status

from . import forecast
from .fields import FIELDS
from .forecast import Forecast
from .load import Listener, chunks, load, read_all
from .newcomers import Newcomers
from .options import OPTIONS, guess
from .reading import Line, Reader, Refused

Part = ImportIssue.Part
_REMARKS = {
    forecast.OTHER: "document_conflict",
    forecast.WAITING: "unknown_account",
}


class Check:
    """One dry run: reads every line and says what loading it would do."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.reader = Reader(job.columns, job.options, job.at)
        self.issues = Issues(job.batch.pk)
        self.forecast = Forecast()
        self.newcomers = Newcomers()
        self.creates: bool = job.options["create_accounts"]

    def run(self) -> Counts:
        issues.forget(self.job.batch.pk)
        lines = 0
        for chunk in chunks(self.job.rows()):
            self._judge(read_all(chunk, self.reader, self._refuse))
            self.issues.flush()
            lines += len(chunk)
            self.job.beat(lines)
        if lines == 0:
            raise BadFile("file_header_only")
        CustomerImport.objects.filter(pk=self.job.batch.pk).update(rows_total=lines)
        return self._count(lines)

    def _judge(self, lines: list[Line]) -> None:
        for line, what in zip(lines, self.forecast.judge(lines), strict=True):
            if what in _REMARKS and not (self.creates and what == forecast.WAITING):
                self._remark(line, _REMARKS[what])
            odd = self.newcomers.meet(line) if self.creates else None
            if odd:
                self._remark(line, odd, "country", line.country)

    def _refuse(self, row: Row, why: Refused) -> None:
        self.issues.refuse(
            row.line,
            why.code,
            Part.LINE,
            column=self.job.header_of(why.field) if why.field else "",
            value=why.value,
            label=why.label,
        )

    def _remark(self, line: Line, code: str, field: str = "", value: str = "") -> None:
        self.issues.remark(
            line.line,
            code,
            Part.NOTHING,
            column=self.job.header_of(field) if field else "",
            value=value or str(line.report.data["document"]),
            label=line.report.account,
        )

    def _count(self, lines: int) -> dict[str, Any]:
        counts = Counter(self.forecast.counts)
        figures = {"lines": lines, "accounts_create": 0}
        if self.creates:
            figures["accounts_create"] = len(self.newcomers.unknown())
            counts[forecast.NEW] += counts.pop(forecast.WAITING, 0)
        return {
            **figures,
            **counts,
            "refused": self.issues.refused,
            "remarks": self.issues.remarks,
        }


def check(job: Job) -> Counts:
    return Check(job).run()


def apply(job: Job) -> Counts:
    """Record what can be read, in the transaction that settles the import."""
    reader = Reader(job.columns, job.options, job.at)
    created = _create_accounts(job, reader) if job.options["create_accounts"] else 0
    loaded = load(job.rows(), reader, job.at, Listener(done=job.beat))
    return {
        "accounts_create": created,
        forecast.NEW: loaded.results[Status.RECORDED],
        forecast.SAME: loaded.results[Status.REPEATED],
        forecast.OTHER: loaded.results[Status.CONFLICT],
        forecast.WAITING: loaded.results[Status.UNMATCHED],
    }


def _create_accounts(job: Job, reader: Reader) -> int:
    newcomers = Newcomers()
    for chunk in chunks(job.rows()):
        for line in read_all(chunk, reader, lambda row, why: None):
            newcomers.meet(line)
    return newcomers.create(job.at, f"import:{job.batch.pk}", job.options["zone"])


KIND = Kind(
    slug="orders",
    label=_("Orders"),
    fields=FIELDS,
    options=OPTIONS,
    check=check,
    apply=apply,
    guess=guess,
    figures=(
        Figure(forecast.NEW, _("New documents")),
        Figure("accounts_create", _("New accounts")),
        Figure(forecast.WAITING, _("Documents that wait for their account")),
        Figure(forecast.OTHER, _("Known documents with another amount")),
        Figure(forecast.SAME, _("Documents known already")),
    ),
)
