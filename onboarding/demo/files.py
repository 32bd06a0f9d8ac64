"""Takes a file through the import as a person would: upload, check, apply."""

from io import BytesIO

from accounts.customers import lifecycle, uploads
from accounts.customers.lifecycle import Declared
from accounts.customers.models import CustomerImport
from accounts.journal import clock
from accounts.staff.models import User


def check(content: bytes, name: str, by: User) -> CustomerImport:
    """Upload and compare; the columns are those the product recognised itself."""
    batch = uploads.receive(
        BytesIO(content), name, CustomerImport.Kind.CUSTOMERS, by=by
    )
    basis = CustomerImport.LegalBasis.EXISTING_CUSTOMER
    lifecycle.ask_check(batch, batch.mapping, batch.options, Declared(basis))
    return _run(batch)


def check_and_apply(content: bytes, name: str, by: User) -> CustomerImport:
    batch = check(content, name, by)
    lifecycle.ask_apply(batch, by)
    return _run(batch)


def _run(batch: CustomerImport) -> CustomerImport:
    lifecycle.run(batch.pk, clock.now)
    batch.refresh_from_db()
    return batch
