"""Whose training pages the visitor's link opened."""

from django.http import HttpRequest

from accounts.consent.visits import Visits
from accounts.customers.models import Buyer

from . import links

VISITS = Visits("training", "training.visit")


def buyer(request: HttpRequest) -> Buyer | None:
    """Whose visit it is, while her link still opens; two queries."""
    claim = VISITS.current(request)
    found = (
        Buyer.objects.filter(uuid=claim.subject, active=True)
        .select_related("account__rep")
        .first()
    )
    if found is None:
        return None
    return found if links.generation_of(found) == claim.version else None
