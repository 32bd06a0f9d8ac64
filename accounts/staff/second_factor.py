"""The second factor of a log-in: who needs one, who has one, and taking it away."""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from . import changes
from .models import Role, User, UserChange

#: They hold everybody's data, or write to everybody.
NEEDED_BY = frozenset({Role.ADMINISTRATOR, Role.MARKETING_MANAGER})
#: Recovery codes alone prove nothing: they come with one of these.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def is_needed_by(user: User) -> bool:
    return user.is_superuser or user.role in NEEDED_BY


def has(user: User) -> bool:
    found = Authenticator.objects.filter(user=user, type__in=FACTORS)
    return bool(found.exists())


@transaction.atomic
def remove(user: User, *, by: User | None, at: datetime) -> bool:
    """For somebody who lost it, with all her codes; False where there was none."""
    gone, _by_model = Authenticator.objects.filter(user=user).delete()
    if gone:
        changes.note(user, UserChange.What.SECOND_FACTOR, by=by, at=at)
    return bool(gone)
