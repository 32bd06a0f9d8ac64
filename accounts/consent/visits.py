"""The visit that begins where a personal link was followed: a signed cookie.

The link's token goes no further than its first request. The cookie names what the link
was for; whether that still stands is looked up on every page. Nothing is stored here,
so that mail scanners, which follow every link, leave nothing behind.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.customers.links import Claim

LASTS = timedelta(hours=12)
#: The field of a page's forms that says whose page it is.
OF = "of"


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits by one kind of link, told apart from others by *name*."""

    name: str
    salt: str

    @property
    def cookie(self) -> str:
        if settings.HTTPS:
            return f"__Host-{self.name}"
        return f"{self.name}-{settings.PORT}"

    def begin(self, response: HttpResponse, claim: Claim | None) -> None:
        """Remember what the link claimed. A bad link gets a visit like any other."""
        claim = claim or Claim(uuid4(), 0)
        response.set_cookie(
            self.cookie,
            signing.dumps([claim.subject.hex, claim.version], salt=self.salt),
            max_age=LASTS,
            secure=settings.HTTPS,
            httponly=True,
            # Sent along the redirect that follows a link; "Strict" would not be.
            samesite="Lax",
        )

    def current(self, request: HttpRequest) -> Claim:
        """What the visitor's link claimed; one that fits nothing without a visit."""
        cookie = request.COOKIES.get(self.cookie, "")
        try:
            subject, version = signing.loads(cookie, salt=self.salt, max_age=LASTS)
        except signing.BadSignature:
            return Claim(uuid4(), 0)
        return Claim(UUID(subject), version)


def is_answered_on_its_page(request: HttpRequest, whose: UUID) -> bool:
    """Two links opened in one browser share its visit: a page may be another's."""
    of = request.POST.get(OF)
    return of is None or of == str(whose)
