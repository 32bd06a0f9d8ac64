"""Which touchpoints have a part in a campaign: their bars beside its funnel."""

import re
from collections.abc import Iterator

from campaigns.sequences import touchpoints
from campaigns.sequences.models import Step
from campaigns.sequences.touchpoints import Bar, Touchpoint

_LINK = re.compile(r"\blinks\.(\w+)")


def bars(campaign_id: int | None) -> tuple[Bar, ...]:
    """Those of the touchpoints that a step waits for, links to, or that brings
    buyers in. One statement."""
    rows = Step.objects.filter(version__campaign=campaign_id).values_list(
        "version__campaign__entry",
        "anchor",
        "message__texts__body",
        "message_version__texts__body",
    )
    entries: set[str] = set()
    anchors: set[str] = set()
    links: set[str] = set()
    for entry, anchor, *bodies in rows.distinct():
        entries.add(entry)
        anchors.add(anchor)
        links.update(name for body in bodies for name in _LINK.findall(body or ""))
    return tuple(_of(entries, anchors, links))


def _of(entries: set[str], anchors: set[str], links: set[str]) -> Iterator[Bar]:
    for each in touchpoints.installed():
        if each.bars and _has_part(each, entries, anchors, links):
            yield from each.bars


def _has_part(
    one: Touchpoint, entries: set[str], anchors: set[str], links: set[str]
) -> bool:
    return (
        any(entry.slug in entries for entry in one.entries)
        or any(anchor.slug in anchors for anchor in one.anchors)
        or any(link.name in links for link in one.links)
    )
