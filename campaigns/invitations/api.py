"""`GET /api/v1/invitations/{reference}`: whom the store is about to register."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from accounts.journal import clock
from accounts.staff.access import KeyAccess

from .models import Invitation

router = Router(tags=["invitations"])


class InvitedAccount(Schema):
    number: str = Field(..., description="The ERP's customer number.")
    name: str


class InvitedBuyer(Schema):
    email: str
    external_id: str
    first_name: str
    last_name: str
    phone: str
    language: str = Field(..., description="“es” or “en”.")


class InvitationOut(Schema):
    """What a registration form can be filled with."""

    reference: UUID
    accepted_at: datetime | None
    account: InvitedAccount
    buyer: InvitedBuyer


@router.get(
    "/invitations/{uuid:reference}",
    response=InvitationOut,
    auth=KeyAccess("read"),
    summary="Whom an invitation is for",
    description=(
        "The buyer arrives in the store with “?invitation=…”. This says who she is, "
        "so that she need not type it. 404: unknown, withdrawn or expired."
    ),
)
def find_invitation(request: HttpRequest, reference: UUID) -> Any:
    found = (
        Invitation.objects.valid(clock.now())
        .filter(reference=reference)
        .select_related("buyer__account")
        .first()
    )
    if found is None:
        raise HttpError(404, "There is no such invitation.")
    return {
        "reference": found.reference,
        "accepted_at": found.accepted_at,
        "account": found.buyer.account,
        "buyer": found.buyer,
    }
