"""Whole campaigns laid out ready to use, with their messages."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from campaigns.messages import starters
from campaigns.messages.models import Brand, Message
from campaigns.sequences import touchpoints
from campaigns.sequences.audiences import conditions
from campaigns.sequences.models import Campaign, Step
from campaigns.sequences.planning import drafts
from campaigns.sequences.rows import Row
from campaigns.sequences.touchpoints import PlannedStep, Playbook


class NoBrand(Exception):
    """Messages need a sender first."""


FIRST_ORDER = Playbook(
    slug="first_order",
    label=_("Bring customers to their first online order"),
    description=_(
        "A personal invitation, a reminder to those who have not registered, and a "
        "nudge to those who registered and have not ordered. It ends for a whole "
        "company with its first online order."
    ),
    goal="first_online_order",
    audience=(Row("never_ordered_online", True),),
    steps=(
        PlannedStep("invitation.invitation", _("Invitation"), 0),
        PlannedStep(
            "invitation.invitation_reminder",
            _("Reminder to those not registered"),
            7,
            (Row("registered", True, negated=True),),
        ),
        PlannedStep(
            "invitation.first_order",
            _("Nudge to the first order"),
            10,
            (Row("registered", True),),
        ),
    ),
)

PLAYBOOKS = (FIRST_ORDER,)


def find(slug: str) -> Playbook | None:
    return next((one for one in all() if one.slug == slug), None)


def all() -> list[Playbook]:  # noqa: A001 - reads `playbooks.all()`
    """Ours, and what the touchpoints ship."""
    return [*PLAYBOOKS, *touchpoints.playbooks()]


@transaction.atomic
def apply(playbook: Playbook, name: str) -> Campaign:
    """A draft laid out by *playbook*; raises `NoBrand` where none is set up.

    Its messages are made once: a second campaign finds them as they were changed.
    """
    brand = Brand.objects.order_by("-is_default", "pk").first()
    if brand is None:
        raise NoBrand
    campaign = drafts.make(
        name,
        goal=playbook.goal,
        audience=conditions.make(playbook.audience),
        entry=playbook.entry,
    )
    version = drafts.version_of(campaign)
    for place, step in enumerate(playbook.steps, start=1):
        Step.objects.create(
            version=version,
            position=place,
            name=str(step.name),
            message=_message(step.starter, brand),
            wait_days=step.wait_days,
            only_if=conditions.make(step.only_if),
            anchor=step.anchor,
            anchor_minutes=step.anchor_minutes,
            late_after_hours=step.late_after_hours,
        )
    return campaign


def _message(name: str, brand: Brand) -> Message:
    slug, _dot, wanted = name.partition(".")
    starter = touchpoints.starter(slug, wanted)
    return starters.add(
        starter.slug,
        str(starter.label),
        starter.texts,
        service=starter.service,
        touchpoint=slug,
        brand=brand,
    )
