"""`POST /api/v1/customers`: accounts and their buyers, from the store or the ERP."""

from typing import Annotated, Any, Literal

from django.db import OperationalError
from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.decorators import decorate_view
from ninja.errors import HttpError
from pydantic import ConfigDict, StringConstraints, model_validator

from accounts.staff.access import KeyAccess
from accounts.staff.limits import at_most

from . import clock, incoming, lines
from .signals import LegalBasis

router = Router(tags=["customers"])

MOST_BYTES = 2 * 1024 * 1024
MOST_ITEMS = 1_000
MOST_BUYERS = 50
# Names of fields are the API's own, and stay when ours change.
Text = Annotated[str, StringConstraints(max_length=400)]


class Strict(Schema):
    """What we do not know we do not ignore: it may be a misspelt name."""

    model_config = ConfigDict(extra="forbid")


class BuyerIn(Strict):
    """A person, told apart within the account by ``external_id`` or ``email``."""

    email: Text | None = None
    external_id: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    phone: Text | None = None
    language: Text | None = Field(None, description="“es” or “en”.")


class CustomerIn(Strict):
    """An account, told apart by ``number``. What is absent or null stays as it is."""

    number: Text
    name: Text | None = Field(None, description="Needed for a new account.")
    segment: Text | None = None
    key_account: bool | None = None
    city: Text | None = None
    country: Text | None = Field(None, description="ISO 3166 code, or the name.")
    language: Text | None = None
    time_zone: Text | None = Field(None, description="A name such as Europe/Madrid.")
    sales_rep: Text | None = Field(None, description="Code or e-mail address.")
    annual_value: Text | float | None = Field(None, description="“1234.50”.")
    customer_since: Text | None = Field(None, description="YYYY-MM-DD.")
    may_order_online: bool | None = None
    blocked_reason: Text | None = None
    blocked_from: Text | None = Field(None, description="YYYY-MM-DD.")
    blocked_until: Text | None = Field(None, description="YYYY-MM-DD.")
    buyers: list[BuyerIn] = Field(default_factory=list, max_length=MOST_BUYERS)


class CustomersIn(Strict):
    """Up to 1,000 accounts, and on what grounds their buyers may be written to.

    The legal basis fills gaps: it changes no permission or objection on record.
    """

    customers: list[CustomerIn] = Field(..., min_length=1, max_length=MOST_ITEMS)
    legal_basis: Literal["existing_customer", "consent", "none"]
    consent_source: Annotated[str, StringConstraints(max_length=200)] = ""
    consent_date: Annotated[str, StringConstraints(max_length=10)] = ""

    @model_validator(mode="after")
    def _consent_says_where_and_when(self) -> "CustomersIn":
        if not lines.is_clean(self.consent_source):
            raise ValueError("consent_source holds hidden signs or line breaks")
        if self.legal_basis == "consent":
            if not self.consent_source:
                raise ValueError("legal_basis “consent” needs consent_source")
            if incoming.read_day(self.consent_date) is None:
                raise ValueError("legal_basis “consent” needs consent_date, YYYY-MM-DD")
        return self


class ProblemOut(Schema):
    """``field`` such as “country” or “buyers.0.email”; ``code`` is for programs."""

    field: str
    code: str
    message: str


class ResultOut(Schema):
    """``result``: created, changed, unchanged, repeated, refused; buyers likewise."""

    index: int
    number: str
    result: str
    buyers: list[str]
    problems: list[ProblemOut]


class CustomersOut(Schema):
    results: list[ResultOut]


class ErrorOut(Schema):
    detail: Any


@router.post(
    "/customers",
    auth=KeyAccess("customers"),
    response={200: CustomersOut, 401: ErrorOut, 403: ErrorOut, 503: ErrorOut},
    summary="Add and update accounts and buyers",
    url_name="customers",
)
@decorate_view(at_most(MOST_BYTES))
def write_customers(request: HttpRequest, payload: CustomersIn) -> dict[str, Any]:
    """Repeat-safe: the same call again changes nothing."""
    key = request.auth  # type: ignore[attr-defined]
    declared = LegalBasis(
        payload.legal_basis,
        f"api:{key.source}",
        payload.consent_source,
        incoming.read_day(payload.consent_date),
    )
    given = [each.dict(exclude_none=True) for each in payload.customers]
    try:
        results = incoming.take(given, clock.now(), f"api:{key.source}", declared)
    except OperationalError:
        raise HttpError(503, "These accounts are being written; try again.") from None
    return {"results": results}
