"""Whose an account is: from the rep's code in the ERP to a staff user."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Count

from accounts.staff.models import User

from . import facts
from .lines import tidy
from .models import Account, RepCode


def fold(code: str) -> str:
    """One spelling for "JVIDAL", "jvidal" and "jvidal@distribuidor.example"."""
    return tidy(code).casefold().partition("@")[0]


def directory() -> Mapping[str, int]:
    """Folded code → user's id: as a person said once, by rep code, by e-mail."""
    found: dict[str, int] = {}
    users = User.objects.filter(is_active=True)
    for user_id, email, code in users.values_list("id", "email", "rep_code"):
        found.setdefault(fold(email), user_id)
        if code:
            found[fold(code)] = user_id
    said = RepCode.objects.filter(user__is_active=True)
    return {**found, **dict(said.values_list("code", "user_id"))}


def unmatched() -> list[tuple[str, int]]:
    """Codes nobody on the staff answers to, with how many accounts carry them."""
    without = Account.objects.filter(rep=None).exclude(rep_code="")
    counted = without.values_list("rep_code").annotate(accounts=Count("id"))
    return [(code, count) for code, count in counted.order_by("-accounts", "rep_code")]


def assign(code: str, user: User, at: datetime) -> int:
    """Give the accounts with this code to *user*, now and in later imports."""
    code = fold(code)
    with transaction.atomic():
        RepCode.objects.update_or_create(code=code, defaults={"user": user})
        waiting = Account.objects.filter(rep=None, rep_code=code).order_by("number_key")
        ids = list(waiting.select_for_update(no_key=True).values_list("id", flat=True))
        Account.objects.filter(id__in=ids).update(rep=user, updated_at=at)
        facts.sync(ids, at, "rep")
    return len(ids)
