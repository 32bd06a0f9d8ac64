"""What a buyer chose on her page: about what, how often, and whether we may note it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.customers.models import Buyer

from . import choices
from .models import MARKETING, Choice, Permission
from .topics import FREQUENCY, TRACKING, Frequency, Topic


def tracking_wording() -> str:
    """The sentence that she ticks, in her language."""
    return _("I agree that you note which messages I open and which links I use")


@dataclass(frozen=True, slots=True)
class Preferences:
    """``topics`` are those that she wants."""

    topics: frozenset[str]
    frequency: int
    tracking: bool

    @property
    def all_topics(self) -> list[tuple[str, str | Promise, bool]]:
        return [(slug, label, slug in self.topics) for slug, label in Topic.choices]

    @property
    def all_frequencies(self) -> list[tuple[int, str | Promise, bool]]:
        return [(n, label, n == self.frequency) for n, label in Frequency.choices]


def of(buyer: Buyer) -> Preferences:
    """As they stand; who has chosen nothing gets everything, and is not tracked."""
    rows = {row.topic: row for row in Permission.objects.filter(buyer=buyer)}
    marketing = rows.get(MARKETING)
    return Preferences(
        topics=frozenset(
            slug for slug in Topic.values if slug not in rows or rows[slug].allowed
        ),
        frequency=(marketing.every_days if marketing else 0) or Frequency.ALL,
        tracking=TRACKING in rows and rows[TRACKING].allowed,
    )


def choose(
    buyer: Buyer,
    *,
    topics: Collection[str],
    frequency: int,
    tracking: bool,
    at: datetime,
    delivery_uuid: UUID | None = None,
) -> bool:
    """Keep what she chose, each change as one line of history; whether there was any.

    Nothing of it lets us write to somebody who objected to everything.
    """
    wanted = Preferences(frozenset(topics), frequency, tracking)
    with transaction.atomic():
        buyer = choices.lock(buyer)
        if buyer.erased_at is not None:
            return False
        changes = list(_changes(of(buyer), wanted))
        for topic, granted, wording in changes:
            choices.note(
                buyer,
                Choice(
                    topic=topic,
                    state=Choice.State.GRANTED if granted else Choice.State.OBJECTED,
                    source=choices.PAGE,
                    wording=wording,
                    occurred_at=at,
                    delivery_uuid=delivery_uuid,
                ),
                permission=topic != FREQUENCY,
            )
        Permission.objects.filter(buyer=buyer, topic=MARKETING).update(
            every_days=frequency
        )
    return bool(changes)


def _changes(
    before: Preferences, wanted: Preferences
) -> Iterator[tuple[str, bool, str]]:
    """(topic, agreed?, in the words of the page)."""
    for topic in Topic:
        if (topic in before.topics) != (topic in wanted.topics):
            yield topic.value, topic in wanted.topics, str(topic.label)
    if before.frequency != wanted.frequency:
        fewer = wanted.frequency > before.frequency
        yield FREQUENCY, not fewer, str(Frequency(wanted.frequency).label)
    if before.tracking != wanted.tracking:
        yield TRACKING, wanted.tracking, tracking_wording()
