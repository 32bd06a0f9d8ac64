"""How many tests of messages a person may send herself: enough for writing them."""

from django.core.cache import cache

from accounts.staff.models import User

MOST = 20
PERIOD_SECONDS = 10 * 60


def is_enough(user: User) -> bool:
    """Count one more test; True when it is one too many."""
    key = f"tests-of-messages:{user.pk}"
    if cache.add(key, 1, PERIOD_SECONDS):
        return False
    try:
        return int(cache.incr(key)) > MOST
    except ValueError:  # its minutes ended in between
        return False
