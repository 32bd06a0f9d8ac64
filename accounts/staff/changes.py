"""What is changed of a user's access, recorded; and what follows from it."""

from collections.abc import Mapping
from datetime import datetime

from allauth.account.models import EmailAddress

from .models import User, UserChange

What = UserChange.What
#: Told with their values, before and after.
WATCHED = (What.EMAIL, What.ROLE, What.ACTIVE, What.REP_CODE)


def watch(user: User) -> dict[str, str]:
    """What the user's access rests on, to be compared later."""
    return {field: str(getattr(user, field)) for field in WATCHED}


def record(
    user: User, before: Mapping[str, str], *, by: User | None, at: datetime
) -> None:
    """Write down what differs from *before*; a new address is the only one at once."""
    now = watch(user)
    UserChange.objects.bulk_create(
        UserChange(
            user=user, by=by, at=at, what=field, before=before[field], after=now[field]
        )
        for field in WATCHED
        if before[field] != now[field]
    )
    if before[What.EMAIL] != now[What.EMAIL]:
        forget_other_addresses(user)


def note(user: User, what: UserChange.What, *, by: User | None, at: datetime) -> None:
    """A change whose values are nobody's business."""
    UserChange.objects.create(user=user, by=by, at=at, what=what)


def forget_other_addresses(user: User) -> None:
    """Whoever reads the mail of an old address must not get in by it."""
    EmailAddress.objects.filter(user=user).exclude(email__iexact=user.email).delete()
