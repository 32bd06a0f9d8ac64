"""How long a buyer may take before a missing step stops being "still possible"."""

from datetime import timedelta

from django.conf import settings

#: From the invitation on.
TO_REGISTER = timedelta(days=30)
TO_ORDER = timedelta(days=60)

#: From one stage of a campaign's funnel to the next.
TO_BE_SEEN = timedelta(days=14)
TO_ACCEPT = timedelta(days=14)


def to_be_regular() -> timedelta:
    """From the invitation on: the first order, then the days that must show the habit.

    Three orders in ninety days cannot be had in thirty.
    """
    return TO_ORDER + timedelta(days=settings.ADOPTION_REGULAR_DAYS)
