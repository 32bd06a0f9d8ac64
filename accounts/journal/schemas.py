"""The events of the API: what a report must look like, in words that say so."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from accounts.customers import lines

from . import amounts, kinds
from .channels import Channel, PlacedBy

#: The first instant anybody may report: before it, a date is a mistake.
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
MOST_DETAILS = 20
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
_SLUG = "^[a-z][a-z_]{0,39}$"


def _clean(text: str) -> str:
    if not lines.is_clean(text):
        raise PydanticCustomError("hidden", "hidden signs or line breaks")
    return text


def _as_decimal(value: Any) -> Decimal:
    try:
        return amounts.read(value)
    except amounts.BadAmount:
        raise PydanticCustomError("amount", "not an amount") from None


def _not_negative(value: Decimal) -> Decimal:
    if value < 0:
        raise PydanticCustomError("negative", "below zero")
    return value


def _written_out(value: Any) -> Any:
    """Not a number of seconds, which nobody can tell from a number of milliseconds."""
    if not isinstance(value, str) or _INSTANT.match(value) is None:
        raise PydanticCustomError("instant", "not an instant")
    return value


def _sensible(value: datetime) -> datetime:
    if value < EARLIEST:
        raise PydanticCustomError("too_early", "before 1970")
    return value


_AMOUNT_SCHEMA = {
    "anyOf": [
        {"type": "string", "pattern": f"^{amounts.FORM}$"},
        {"type": "number", "minimum": -(10**12) + 1, "maximum": 10**12 - 1},
    ],
    "examples": ["1249.90"],
}
Amount = Annotated[
    Decimal, BeforeValidator(_as_decimal), WithJsonSchema(_AMOUNT_SCHEMA)
]
Instant = Annotated[
    AwareDatetime, BeforeValidator(_written_out), AfterValidator(_sensible)
]
Currency = Annotated[
    str, StringConstraints(to_upper=True, pattern="^[A-Za-z]{3}$"), Field(min_length=3)
]
Key = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_clean),
]
Number = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40),
    AfterValidator(_clean),
]
Reference = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=60),
    AfterValidator(_clean),
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=254),
    AfterValidator(_clean),
]
Detail = Annotated[
    str | bool | int | float | None,
    WithJsonSchema({"type": ["string", "boolean", "number", "null"]}),
]


class Strict(BaseModel):
    """What we do not know we do not ignore: it may be a misspelt name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BuyerRef(Strict):
    """Who did it: one of these is enough; the first that we know of is taken."""

    invitation: Reference | None = Field(
        None, description="The reference with which the buyer came to the store."
    )
    external_id: Reference | None = Field(
        None, description="The id of the store or the ERP."
    )
    email: Email | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not any((self.invitation, self.external_id, self.email)):
            raise PydanticCustomError("nobody", "nobody is named")
        return self


class EventBase(Strict):
    kind: str
    key: Key = Field(
        description="Your own name for this event. The same key again is a repeat.",
        examples=["order-104711"],
    )
    occurred_at: Instant = Field(
        description="RFC 3339 with its offset. May be late, but not a day ahead.",
        examples=["2026-11-20T09:41:07+01:00"],
    )
    account: Number | None = Field(
        None,
        description=(
            "The ERP's customer number; case, blanks around it and leading zeros may "
            "differ. May be left out where an invitation names the buyer."
        ),
        examples=["0000104000"],
    )
    buyer: BuyerRef | None = Field(
        None, description="Left out, the event counts for the account alone."
    )

    @model_validator(mode="after")
    def _of_somebody(self) -> Self:
        if self.account is None and (self.buyer is None or not self.buyer.invitation):
            raise PydanticCustomError("no_account", "no account is named")
        return self

    def details(self) -> dict[str, Any]:
        """What is kept with the event."""
        return {}


class Registered(EventBase):
    """Somebody opened a log-in in the store."""

    kind: Literal["registered"]


class LoggedIn(EventBase):
    """Somebody logged in to the store."""

    kind: Literal["logged_in"]


class DocumentBase(EventBase):
    amount: Amount = Field(description="Net value; text or number, four places.")
    currency: Currency = Field(examples=["EUR"])
    document: Reference = Field(
        description=(
            "The document's number. It counts once per account, whether reported "
            "here, by another system or in a file."
        ),
        examples=["AB-2026-10233"],
    )

    def details(self) -> dict[str, Any]:
        return {
            "amount": amounts.write(abs(self.amount)),
            "currency": self.currency,
            "document": self.document,
        }


class Ordered(DocumentBase):
    """An order on any channel. One placed by staff is not the customer's adoption."""

    kind: Literal["ordered"]
    channel: Channel
    placed_by: PlacedBy = PlacedBy.CUSTOMER
    amount: Annotated[Amount, AfterValidator(_not_negative)] = Field(
        description="Net value; text or number, four places at most."
    )

    def details(self) -> dict[str, Any]:
        data = super().details() | {"channel": self.channel.value}
        if self.placed_by != PlacedBy.CUSTOMER:
            data["placed_by"] = self.placed_by.value
        return data


class CreditNote(DocumentBase):
    """A credit note; its amount counts by its size, with or without a minus."""

    kind: Literal["credit_note"]
    channel: Channel | None = None

    def details(self) -> dict[str, Any]:
        data = super().details()
        return data | ({"channel": self.channel.value} if self.channel else {})


def _check_details(found: Mapping[str, Any]) -> Mapping[str, Any]:
    for name, value in found.items():
        if re.fullmatch(_SLUG, name) is None:
            raise PydanticCustomError("detail_name", "names are a-z and _")
        if isinstance(value, str) and (len(value) > 200 or not lines.is_clean(value)):
            raise PydanticCustomError("hidden", "200 characters on one line")
        if isinstance(value, int | float) and not abs(value) < 2**53:
            raise PydanticCustomError("amount", "not a number we can keep")
    return found


class Other(EventBase):
    """Any other kind this installation knows of and lets others report."""

    kind: str = Field(
        pattern=_SLUG,
        json_schema_extra={"not": {"enum": list(kinds.CORE)}},
        examples=["order_tracked"],
    )
    data: Annotated[
        dict[str, Detail],
        Field(max_length=MOST_DETAILS),
        AfterValidator(_check_details),
    ] = Field(default_factory=dict, description="Short details, not nested.")

    @model_validator(mode="after")
    def _is_known(self) -> Self:
        kind = kinds.known().get(self.kind)
        if kind is None or not kind.reportable:
            raise PydanticCustomError("unknown_kind", "no such kind")
        return self

    def details(self) -> dict[str, Any]:
        return dict(self.data)


def _tag(value: Any) -> str:
    kind = value.get("kind") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) and kind in kinds.CORE else "other"


AnyEvent = Annotated[
    Annotated[Registered, Tag(kinds.REGISTERED)]
    | Annotated[LoggedIn, Tag(kinds.LOGGED_IN)]
    | Annotated[Ordered, Tag(kinds.ORDERED)]
    | Annotated[CreditNote, Tag(kinds.CREDIT_NOTE)]
    | Annotated[Other, Tag("other")],
    Discriminator(_tag),
]


class Refused:
    """An item that is no event; ``key`` is its key where it has a readable one."""

    def __init__(self, value: Any, error: ValidationError) -> None:
        key = value.get("key") if isinstance(value, dict) else None
        sound = isinstance(key, str) and len(key) <= 200 and lines.is_clean(key)
        self.key: str = key if isinstance(key, str) and sound else ""
        self.errors = error.errors(include_url=False, include_input=False)


def _leniently(value: Any, check: Callable[[Any], Any]) -> Any:
    """One item that is wrong must not take the other 999 with it."""
    try:
        return check(value)
    except ValidationError as error:
        return Refused(value, error)


class EventsIn(Strict):
    """Up to 1,000 events; each is judged by itself."""

    events: list[Annotated[AnyEvent, WrapValidator(_leniently)]] = Field(
        min_length=1, max_length=1_000
    )
