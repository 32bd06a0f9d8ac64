"""What others may hear from here, always inside the transaction that does it.

`customers_written(sender, stage, declared, at)`
    Accounts and buyers were written, by a file or through the API. The staging
    tables hold them until the receivers are done: `StagedBuyer` rows of *stage* with
    a ``buyer_id`` are the buyers that were named, new or not, changed or not.
    ``declared`` is a `LegalBasis`.

`import_applied(sender, batch, at)`
    The same, for files only: *batch* is the `CustomerImport`; its ``stage`` and its
    ``changes`` (`ImportChange`) tell what was touched.

`import_undone(sender, batch, at)`
    The changes of *batch* were taken back, except those with ``undo_refused``.
"""

from dataclasses import dataclass
from datetime import date

from django.dispatch import Signal


@dataclass(frozen=True, slots=True)
class LegalBasis:
    """On what grounds the named buyers may be written to; see `CustomerImport`.

    ``source`` says where it was declared, for the history.
    """

    basis: str
    source: str
    consent_source: str = ""
    consent_date: date | None = None


customers_written = Signal()
import_applied = Signal()
import_undone = Signal()
