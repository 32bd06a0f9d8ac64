"""The journal on an account's or a buyer's page."""

from django import template

from accounts.customers.models import Account, Buyer
from accounts.journal import timeline
from accounts.journal.timeline import Moment

register = template.Library()
#: As many as fit under a form; the journal's own page has the others.
SHOWN = 15


@register.simple_tag
def moments_of(whose: Account | Buyer | None) -> list[Moment]:
    """`{% moments_of original as moments %}`"""
    if isinstance(whose, Account):
        return timeline.of_account(whose, SHOWN)
    return timeline.of_buyer(whose, SHOWN) if isinstance(whose, Buyer) else []


@register.filter
def owner_parameter(whose: Account | Buyer) -> str:
    """By which the journal's page is narrowed to somebody's events."""
    return "account" if isinstance(whose, Account) else "buyer"
