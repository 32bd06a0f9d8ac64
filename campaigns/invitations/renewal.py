"""A new link for somebody whose link is dead: to the address at which we know her."""

from datetime import datetime

from accounts.customers.links import Claim


def is_possible() -> bool:
    """Whether a message for it has been published."""
    return False


def ask(claim: Claim, at: datetime) -> None:
    """Plan the mail, where the claim was once ours; at most one a day."""
