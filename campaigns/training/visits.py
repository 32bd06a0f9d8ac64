"""The visit that begins where a training link was followed: a signed cookie.

As with invitations, the token goes no further than its first request, and nothing is
stored, so that mail scanners leave nothing behind.
"""

from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.customers.links import Claim
from accounts.customers.models import Buyer

from . import links

COOKIE = "__Host-training" if settings.HTTPS else f"training-{settings.PORT}"
SALT = "training.visit"
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
    """What the visitor's link claimed; one that fits nobody where there is none."""
    cookie = request.COOKIES.get(COOKIE, "")
    try:
        subject, version = signing.loads(cookie, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return Claim(uuid4(), 0)
    return Claim(UUID(subject), version)


def buyer(request: HttpRequest) -> Buyer | None:
    """Whose visit it is, while her link still opens; two queries."""
    claim = current(request)
    found = (
        Buyer.objects.filter(uuid=claim.subject, active=True)
        .select_related("account__rep")
        .first()
    )
    if found is None:
        return None
    generation = links.generations([found.pk]).get(found.pk, links.FIRST)
    return found if generation == claim.version else None
