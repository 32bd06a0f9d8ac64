"""Who may be written to: what audiences, counts and the last look all read."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import MARKETING, Permission, Suppression

Scope = Suppression.Scope


def marketing() -> Q:
    """Buyers who may get commercial messages: permitted, and not left alone."""
    return Q(Exists(_permitted())) & ~Q(_suppressed(Scope.MARKETING, Scope.ALL))


def service() -> Q:
    """Buyers who may get service messages: their address is not given up."""
    return ~Q(_suppressed(Scope.ALL))


def _permitted() -> QuerySet[Permission]:
    return Permission.objects.filter(
        buyer=OuterRef("pk"), topic=MARKETING, allowed=True
    )


def _suppressed(*scopes: str) -> Exists:
    return Exists(
        Suppression.objects.filter(
            address_hash=OuterRef("address_hash"),
            scope__in=scopes,
            lifted_at__isnull=True,
        )
    )
