"""Every reason why a message was not sent, failed or is unknown; why somebody left.

Rows store the slug. A touchpoint that plans notices may register its own.
"""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Label = str | Promise

_registered: dict[str, Label] = {}


def register(slug: str, label: Label) -> None:
    """Name *slug*; a repeat must say the same."""
    if _registered.setdefault(slug, label) != label:
        raise ValueError(f"The reason “{slug}” is registered with another label.")


def label(slug: str) -> str:
    """What people read for *slug*; text that is no slug stands for itself."""
    return str(_registered.get(slug, slug))


def known() -> Iterator[tuple[str, Label]]:
    yield from _registered.items()


# Who is not written to, at planning and again at the last look.
register("inactive", _("The buyer is not active"))
register("ineligible", _("The company may not order online"))
register("no_address", _("No e-mail address"))
register("suppressed", _("The address is suppressed"))
register("no_permission", _("No permission for commercial messages"))
register("topic_unwanted", _("The buyer does not want messages about this"))
register("too_soon", _("The buyer asked for fewer messages"))
register("same_mailbox", _("A colleague with the same mailbox gets it"))
register("goal_reached", _("The goal was reached"))
register("condition", _("The step's condition does not hold"))
register("too_late", _("It was too late for it"))
register("left_campaign", _("Left the campaign before"))
register("campaign_stopped", _("The campaign was stopped"))
register("subject_over", _("What it was about was given up or called off"))
register("overtaken", _("A newer message says what holds now"))
register("erased", _("The buyer's data was erased"))
register("overdue_not_sent", _("Overdue when sending was allowed, and left unsent"))
register("overdue_superseded", _("Overdue when sending was allowed; a newer one went"))
register("capped", _("The address has had enough commercial messages this week"))

# Failed: it was certainly not delivered.
register("refused", _("The provider refused it"))
register("given_up", _("Given up after several tries"))
register("not_composed", _("The message could not be composed"))
register("settled_as_not_sent", _("Settled by hand: it was not accepted"))

# Unknown: nobody can tell from here.
register("no_answer", _("The connection broke before the provider answered"))
register("sender_lost", _("The sending process ended before the provider answered"))
register("record_lost", _("The sending computer and its notes were lost"))

# Planned again.
register("later", _("The provider asked to try again later"))
register("overdue_spread", _("It was overdue, and waits its turn"))
register("limited", _("It waits its turn: the limit for its domain is reached"))
register("interrupted", _("The sending was interrupted before it began"))

# The product stopped a provider, or paused a campaign, by itself.
register("credentials_refused", _("The mail provider refuses our credentials"))
register("too_many_bounces", _("Too many addresses do not exist"))
register("too_many_complaints", _("Too many recipients complained"))
register("too_many_failures", _("Too many messages failed"))
register("went_back", _("The database was put back to an earlier time"))
register("by_hand", _("Stopped by hand"))
register("bad_condition", _("A condition of a step cannot be evaluated any more"))
