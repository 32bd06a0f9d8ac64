"""One fault each: a campaign to everybody is sent while it strikes, and judged."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.journal import clock, invariants
from campaigns.messages.models import Message
from campaigns.sequences.models import Campaign, Delivery, Lane, Step
from campaigns.sequences.planning import drafts, lifecycle
from campaigns.sequences.sending import advance

from .harness import demand

#: (delivery, recipient), as the server noted it.
Ledger = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Row:
    """What became of the messages of one campaign."""

    fault: str
    struck: int
    states: Counter[str]
    seconds: float


def plan(at: datetime) -> Campaign:
    """A campaign of yesterday, whose message is due to everybody right now."""
    campaign = drafts.make("Matrix", goal="first_online_order")
    Step.objects.create(
        version=drafts.version_of(campaign),
        message=Message.objects.get(),
        working_days=False,
    )
    lifecycle.start(campaign, None, at - timedelta(days=1))
    while lifecycle.continue_starting():
        continue
    while advance.advance(at):
        continue
    return campaign


def free_lanes() -> None:
    """As if a person had looked after each provider: nobody waits, none is stopped."""
    Lane.objects.all().delete()


def judge(
    fault: str,
    campaign: Campaign,
    ledger: Ledger,
    *,
    planned: int,
    unknown: int,
    failed: int = 0,
) -> Counter[str]:
    """Nothing twice, nothing lost, at most so many unknown or failed; by state."""
    mine = {
        str(uuid): state
        for uuid, state in campaign.deliveries.values_list("uuid", "state")
    }
    taken = [(delivery, to) for delivery, to in ledger if delivery in mine]
    states = Counter(mine.values())

    def claim(fulfilled: bool, what: str) -> None:
        demand(
            fulfilled, f"{fault}: {what}; {dict(states)}, {len(taken)} in the ledger"
        )

    claim(states.total() == planned, f"{planned} were planned")
    claim(len({one for one, _to in taken}) == len(taken), "a message twice")
    claim(len({to for _one, to in taken}) == len(taken), "an address twice")
    known = {delivery for delivery, _to in taken}
    claim({d for d, state in mine.items() if state == "sent"} <= known, "one is lost")
    claim(all(mine[one] in {"sent", "unknown"} for one in known), "one is not owned to")
    claim(set(states) <= {"sent", "unknown", "failed"}, "some are open")
    claim(states["unknown"] <= unknown, f"more than {unknown} unknown")
    claim(states["failed"] <= failed, f"more than {failed} failed")
    broken = {
        one.invariant.code for one in invariants.audit(clock.now()) if not one.holds
    }
    claim(not broken, f"the audit finds {broken}")
    return states


def is_open(campaign: Campaign) -> bool:
    return Delivery.objects.open().filter(campaign=campaign).exists()


def table(rows: Sequence[Row]) -> str:
    head = f"{'fault':<58}{'struck':>8}{'sent':>8}{'failed':>8}{'unknown':>9}{'s':>8}"
    lines = [
        f"{row.fault:<58}{row.struck:>8,}{row.states['sent']:>8,}"
        f"{row.states['failed']:>8,}{row.states['unknown']:>9,}{row.seconds:>8.1f}"
        for row in rows
    ]
    return "\n".join([head, *lines])
