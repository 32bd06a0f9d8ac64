"""The visit that begins where a personal link was followed: a signed cookie.

The link's token goes no further than its first request. The cookie names the
invitation; whether that still stands is looked up on every page. Nothing is stored
here, so that mail scanners, which follow every link, leave nothing behind.
"""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.customers.links import Claim

from .models import Invitation

COOKIE = "__Host-visit" if settings.HTTPS else f"visit-{settings.PORT}"
SALT = "invitations.visit"
LASTS = timedelta(hours=12)


def begin(response: HttpResponse, claim: Claim | None) -> None:
    """Remember what the link claimed. A bad link gets a visit like any other."""
    claim = claim or Claim(uuid4(), 0)
    response.set_cookie(
        COOKIE,
        signing.dumps([claim.subject.hex, claim.version], salt=SALT),
        max_age=LASTS,
        secure=settings.HTTPS,
        httponly=True,
        # Sent along the redirect that follows a link in a mail; "Strict" would not be.
        samesite="Lax",
    )


def current(request: HttpRequest) -> Claim:
    """What the visitor's link claimed; one that fits nothing where there is none."""
    cookie = request.COOKIES.get(COOKIE, "")
    try:
        subject, version = signing.loads(cookie, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return Claim(uuid4(), 0)
    return Claim(UUID(subject), version)


def invitation(request: HttpRequest, at: datetime) -> Invitation | None:
    """The visitor's invitation, where it is still valid at *at*; one query."""
    claim = current(request)
    return (
        Invitation.objects.valid(at)
        .filter(uuid=claim.subject, generation=claim.version)
        .select_related("buyer__account__rep")
        .first()
    )
