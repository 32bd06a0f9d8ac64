"""What providers' reports hold of a person: raw posts, and answers in words."""

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from accounts.consent.privacy.people import Person
from accounts.consent.privacy.registry import Deed, Holding, Rows, register

from .models import Post, Report

#: Hints of what somebody read: no sum rests on them.
HINTS = (Report.Kind.OPENED, Report.Kind.CLICKED)

# A post may be of any encoding; an address in it is plain text as a rule.
_TELLING = """
    SELECT id FROM feedback_post
    WHERE state = 'aside' AND lower(encode(body, 'escape')) LIKE ANY(%s)
"""


def _reports(person: Person) -> QuerySet[Report]:
    """Also those that fitted no message of ours."""
    return Report.objects.filter(address_hash__in=person.hashes, delivery=None)


def _forget_hints(rows: Rows, deed: Deed) -> int:
    return int(rows.filter(kind__in=HINTS).delete()[0])


def _posts(person: Person) -> QuerySet[Post]:
    patterns = [f"%{_plainly(email)}%" for email in sorted(person.emails)]
    telling = RawSQL(_TELLING, (patterns,))  # noqa: S611 - ours, with bound values
    return Post.objects.filter(Q(pk__in=telling), state=Post.State.ASIDE)


def _plainly(email: str) -> str:
    """As a pattern: no sign of hers means any sign."""
    return email.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


register(
    Holding(
        Report,
        _(
            "What became of a message stays; the provider’s words, and openings and "
            "clicks, go."
        ),
        path="delivery__buyer",
        find=_reports,
        by_hash=True,
        deed=_forget_hints,
        blank={"detail": ""},
        comes_late=True,
        keeps=("key", "provider", "address_hash", "link"),
    ),
    Holding(
        Post,
        _("What a provider posted and nobody could read goes."),
        find=_posts,
        blank={"body": b"", "headers": {}},
        keeps=("provider", "content_type", "trouble"),
    ),
)
