"""Whom a change of a running campaign's step would still concern: two queries."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from campaigns.messages import publish
from campaigns.sequences.models import Campaign, Delivery, Enrolment, Step

_State = Delivery.State


@dataclass(frozen=True, slots=True)
class Reach:
    """Of one step. What is *held* is in a sender's hands: nothing changes it."""

    sent: int = 0
    held: int = 0
    planned: int = 0
    #: Planned with another text than the message has now.
    outdated: int = 0
    #: Under way, and this step is still to come.
    coming: int = 0
    #: Of these: whose next step it is, and when the first of them is due.
    waiting: int = 0
    next_due: datetime | None = None


def of(campaign: Campaign, steps: Sequence[Step]) -> dict[int, Reach]:
    """Step id → whom it has reached and will reach; *steps* in their order."""
    messages = _messages(campaign)
    waiting = _waiting(campaign)
    return dict(_put_together(steps, messages, waiting))


def _messages(campaign: Campaign) -> Mapping[int, Counter[tuple[str, bytes]]]:
    """Step id → how many are in each state, by what their text says."""
    found: dict[int, Counter[tuple[str, bytes]]] = defaultdict(Counter)
    rows = campaign.deliveries.filter(state__in=[_State.SENT, *Delivery.OPEN])
    counted = rows.values_list("step", "state", "message_version__digest")
    for step, state, digest, number in counted.annotate(n=Count("pk")).order_by():
        found[step][state, bytes(digest)] += number
    return found


def _waiting(campaign: Campaign) -> dict[int, tuple[int, datetime | None]]:
    """Place in the order → how many wait for that step, and since or until when."""
    rows = campaign.enrolments.filter(state=Enrolment.State.ACTIVE)
    counted = rows.values_list("position").annotate(n=Count("pk"), first=Min("due_at"))
    return {place: (number, first) for place, number, first in counted.order_by()}


def _put_together(
    steps: Sequence[Step],
    messages: Mapping[int, Counter[tuple[str, bytes]]],
    waiting: Mapping[int, tuple[int, datetime | None]],
) -> Iterator[tuple[int, Reach]]:
    coming = 0
    for place, step in enumerate(steps):
        number, first = waiting.get(place, (0, None))
        coming += number
        counted = messages.get(step.pk, Counter())
        yield (
            step.pk,
            Reach(
                **_by_state(counted, publish.digest_now(step.message)),
                coming=coming,
                waiting=number,
                next_due=first,
            ),
        )


def _by_state(counted: Counter[tuple[str, bytes]], newest: bytes) -> dict[str, int]:
    total: Counter[str] = Counter()
    for (state, digest), number in counted.items():
        total[state] += number
        if state == _State.PLANNED and digest != newest:
            total["outdated"] += number
    return {
        "sent": total[_State.SENT],
        "held": sum(total[state] for state in Delivery.HELD),
        "planned": total[_State.PLANNED],
        "outdated": total["outdated"],
    }
