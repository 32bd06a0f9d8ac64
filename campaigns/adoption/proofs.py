"""What must always be true of the figures, for ``manage.py audit`` (I9)."""

from collections.abc import Iterable
from datetime import datetime

from accounts.journal import kinds, sums
from accounts.journal.invariants import Broken, count, register
from campaigns.adoption import population
from campaigns.adoption.frames import Frame, Unit
from campaigns.adoption.passage import ORDERED, REGISTERED
from campaigns.sequences import touchpoints

# Flags that the progress rows give somebody and the journal does not, or otherwise.
DIFFERENT = """
    SELECT DISTINCT '{unit} ' || id FROM (
        (SELECT id, mask FROM ({kept}) k EXCEPT SELECT id, mask FROM ({fresh}) f)
        UNION ALL
        (SELECT id, mask FROM ({fresh}) f EXCEPT SELECT id, mask FROM ({kept}) k)
    ) AS different
"""

# A message may still be on the wire when its reader acts: then the first sign is older
# than its sending, and only that it happened can be proved.
TOLD_BY_NOBODY = """
    SELECT 'enrolment ' || enrolment.id || ' {column}'
    FROM sequences_enrolment AS enrolment
    WHERE enrolment.{column} IS NOT NULL AND NOT EXISTS (
        SELECT FROM ({facts}) AS fact
        WHERE fact.buyer_id = enrolment.buyer_id AND fact.kind = '{kind}' {online}
            AND fact.occurred_at = enrolment.{column})
"""
# What came into the journal after the message had gone out, and was reacted to.
NOT_NOTED = """
    SELECT DISTINCT 'enrolment ' || enrolment.id || ' {column}'
    FROM sequences_enrolment AS enrolment
    JOIN journal_event AS event ON event.buyer_id = enrolment.buyer_id
        AND event.kind = '{kind}' AND event.occurred_at >= enrolment.sent_at
        AND event.recorded_at > enrolment.sent_at
    JOIN ({facts}) AS fact ON fact.id = event.id {online}
    WHERE enrolment.{column} IS NULL OR enrolment.{column} > event.occurred_at
"""
BEGUN_BY_NOTHING = """
    SELECT 'enrolment ' || enrolment.id FROM sequences_enrolment AS enrolment
    WHERE enrolment.sent_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM sequences_delivery AS delivery
            WHERE delivery.enrolment_id = enrolment.id AND delivery.state = 'sent'
                AND delivery.sent_at = enrolment.sent_at)
        OR enrolment.sent_at IS NULL AND EXISTS (
            SELECT FROM sequences_delivery AS delivery
            WHERE delivery.enrolment_id = enrolment.id AND delivery.state = 'sent')
"""


def _figures(at: datetime) -> Broken:
    return _together(_figures_of(unit, at) for unit in Unit)


def _figures_of(unit: Unit, at: datetime) -> Broken:
    frame = Frame(at)
    kept = population.members(unit, frame)
    fresh = population.members(unit, frame, sums.OF_ALL)
    query = DIFFERENT.format(unit=unit, kept=kept.text, fresh=fresh.text)
    return count(query, kept.params)


def _funnels(query: str) -> Broken:
    return _together(
        count(
            query.format(
                column=column,
                kind=kind,
                online="AND fact.online" * (kind == kinds.ORDERED),
                facts=sums.OF_ALL,
            ),
            sums.parameters(),
        )
        for kind, column in _noted().items()
    )


def _noted() -> dict[str, str]:
    """Kind of event → the funnel time that it is the first of."""
    of_touchpoints = {stage.slug: stage.column for stage in touchpoints.stages()}
    return {
        **of_touchpoints,
        kinds.REGISTERED: REGISTERED.column,
        kinds.ORDERED: ORDERED.column,
    }


def _together(found: Iterable[Broken]) -> Broken:
    parts = list(found)
    examples = [example for broken in parts for example in broken.examples]
    return Broken(sum(broken.count for broken in parts), examples)


register("I9", "The adoption figures equal a recount from the journal.", _figures)
register(
    "I9",
    "Every time in a funnel is that of an event of its buyer.",
    lambda at: _funnels(TOLD_BY_NOBODY),
)
register(
    "I9",
    "No funnel has missed an event that came after its first message.",
    lambda at: _funnels(NOT_NOTED),
)
register(
    "I9",
    "Every funnel begins with a message that was sent, as soon as one was.",
    lambda at: count(BEGUN_BY_NOTHING),
)
