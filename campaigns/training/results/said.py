"""What attendees said of the sessions of a scope: their marks, and what stops them."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Avg, Count, QuerySet

from accounts.customers.barriers import Barrier
from campaigns.training.models import Feedback

from .scope import Scope


@dataclass(frozen=True, slots=True)
class Stops:
    """How many named this barrier."""

    slug: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Said:
    number: int
    average: float | None
    barriers: Sequence[Stops]


def of(scope: Scope) -> Said:
    """Two statements."""
    words = given(scope).order_by()
    whole = words.aggregate(number=Count("pk"), average=Avg("rating"))
    named = words.exclude(barrier="").values_list("barrier").annotate(n=Count("pk"))
    labels = dict(Barrier.choices)
    barriers = [
        Stops(slug, str(labels.get(slug, slug)), n)
        for slug, n in named.order_by("-n", "barrier")
    ]
    return Said(whole["number"], whole["average"], barriers)


def given(scope: Scope, barrier: str = "") -> QuerySet[Feedback]:
    """With who gave it; the newest first."""
    found = Feedback.objects.filter(seat__session__in=scope.sessions().order_by())
    if barrier:
        found = found.filter(barrier=barrier)
    people = found.select_related("seat__buyer", "seat__account", "seat__session")
    return people.order_by("-given_at", "-pk")
