"""Files made on the spot, and the way from a file to customers."""

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType

import pytest

from accounts.customers import clock, jobs, lifecycle, uploads
from accounts.customers.models import Account, Buyer, CustomerImport, ImportIssue

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
EXISTING = lifecycle.Declared("existing_customer")


class QuietBeat:
    """A worker's beat without a connection of its own: the test is one transaction."""

    beats: list[int] = []

    def __init__(self, batch_id, owner):
        self.batch_id = batch_id

    def __enter__(self):
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ):
        return None

    def __call__(self, done):
        self.beats.append(done)


@pytest.fixture
def quiet(db, monkeypatch):
    """Lets `lifecycle.run` work inside the transaction of the test."""
    monkeypatch.setattr(lifecycle, "Beat", QuietBeat)
    QuietBeat.beats = []
    return QuietBeat


@dataclass
class Importing:
    """From a file to customers, as the pages and the worker do it."""

    declared: lifecycle.Declared = EXISTING
    options: dict = field(default_factory=dict)
    mapping: dict | None = None

    def upload(self, content, name="customers.csv", kind="customers", by=None):
        if isinstance(content, str):
            content = content.encode()
        return uploads.receive(io.BytesIO(content), name, kind, by)

    def check(self, content, name="customers.csv", **options):
        batch = self.upload(content, name)
        return self.check_again(batch, **options)

    def check_again(self, batch, **options):
        mapping = batch.mapping if self.mapping is None else self.mapping
        chosen = {**batch.options, **self.options, **options}
        assert lifecycle.ask_check(batch, mapping, chosen, self.declared)
        lifecycle.run(batch.pk, clock.now)
        return fresh(batch)

    def apply(self, content, name="customers.csv", **options):
        return self.apply_checked(self.check(content, name, **options))

    def apply_checked(self, batch):
        assert batch.state == CustomerImport.State.CHECKED, batch.error
        assert lifecycle.ask_apply(batch)
        lifecycle.run(batch.pk, clock.now)
        return fresh(batch)

    def undo(self, batch):
        assert lifecycle.ask_undo(batch)
        lifecycle.run(batch.pk, clock.now)
        return fresh(batch)


@pytest.fixture
def importing(quiet):
    return Importing()


def fresh(batch):
    return CustomerImport.objects.get(pk=batch.pk)


def csv(*lines, sep=";"):
    return "\n".join(sep.join(line.split("|")) for line in lines) + "\n"


def issues(batch, severity=None):
    found = ImportIssue.objects.filter(batch=batch)
    if severity:
        found = found.filter(severity=severity)
    return [(one.line, one.code) for one in found]


def refused(batch):
    return issues(batch, ImportIssue.Severity.REFUSED)


_OF_ACCOUNT = (
    "number",
    "name",
    "segment",
    "is_key",
    "city",
    "country",
    "language",
    "time_zone",
    "rep_id",
    "rep_code",
    "annual_value",
    "customer_since",
    "eligible",
    "ineligible_reason",
    "ineligible_from",
    "ineligible_until",
)
_OF_BUYER = (
    "account__number",
    "email",
    "email_key",
    "first_name",
    "last_name",
    "phone",
    "language",
    "external_id",
    "active",
)


def everything():
    """All customers, as values that two loads can be compared by."""
    accounts = Account.objects.order_by("number_key").values_list(*_OF_ACCOUNT)
    buyers = Buyer.objects.order_by("account__number_key", "email_key", "external_id")
    return list(accounts), list(buyers.values_list(*_OF_BUYER))


def job_for(batch, beat=lambda done: None):
    return jobs.Job(batch, NOON, beat)
