"""Lets made-up customers live through the real campaigns, hour by hour.

The mails are planned and sent by the product itself, at the times it chose; only
what the customers do about them is made up. Nothing is written past its doors.
"""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random

from django.db.models import Min

from accounts.journal.react import react_to_all
from campaigns.invitations import answers
from campaigns.invitations.models import Invitation
from campaigns.sequences.models import Campaign, Delivery, Enrolment
from campaigns.sequences.sending import advance, deliver, workers

from . import behaviour, events
from .behaviour import Deed
from .orders import Order
from .people import Company

MINUTE = timedelta(minutes=1)
Person = tuple[Company, int]


class Stuck(Exception):
    """Waiting any longer would be waiting for ever; the message says for what."""


class Simulation:
    """What has happened up to now, and what each customer is about to do."""

    def __init__(
        self, random: Random, companies: Iterable[Company], end: datetime
    ) -> None:
        self.random = random
        self._end = end
        self.ids = events.find_ids()
        self._worker = workers.make()
        self._order = count()
        self._coming: list[tuple[datetime, int, Deed | Order]] = []
        self._answered: set[int] = set()
        self._registered: set[str] = set()
        self._people = dict(_people(companies, self.ids))
        self._mails_read: set[int] = set()
        self._trouble = ""

    def expect(self, deeds: Iterable[Deed | Order]) -> None:
        for deed in deeds:
            heapq.heappush(self._coming, (deed.occurred_at, next(self._order), deed))

    def run_to(self, until: datetime) -> None:
        """Let everything happen that falls before *until*, in its order.

        Raises `Stuck` where the product does not send what it has planned.
        """
        last = None
        while (at := self._next_mail()) is not None and at + MINUTE < until:
            if at == last:
                raise Stuck(f"What is due at {at} does not go out: {self._trouble}.")
            self._live(at)
            self._send(at + MINUTE)
            last = at
        self._live(until)

    def close(self) -> None:
        self._worker.close()

    def _next_mail(self) -> datetime | None:
        running = Campaign.State.RUNNING
        waiting = Enrolment.objects.filter(
            state=Enrolment.State.ACTIVE, campaign__state=running
        ).aggregate(at=Min("due_at"))["at"]
        planned = Delivery.objects.filter(
            state=Delivery.State.PLANNED, campaign__state=running
        ).aggregate(at=Min("due_at"))["at"]
        return min(filter(None, (waiting, planned)), default=None)

    def _send(self, at: datetime) -> None:
        while advance.advance(at):
            pass
        while (done := deliver.deliver(at, worker=self._worker)).claimed:
            pass
        self._trouble = done.trouble
        sent = Delivery.objects.filter(state=Delivery.State.SENT, sent_at__gte=at)
        for pk, buyer in sent.values_list("pk", "buyer_id").order_by("pk"):
            if pk not in self._mails_read:
                self._mails_read.add(pk)
                self._read(buyer, at)

    def _read(self, buyer: int, at: datetime) -> None:
        """Decide what a mail leads to; who accepted once needs no second mail."""
        if buyer in self._answered:
            return
        company, person = self._people[buyer]
        deeds = list(behaviour.answer_invitation(self.random, company, person, at))
        self.expect(deeds)
        if deeds and deeds[-1].kind != "seen":
            self._answered.add(buyer)
        if deeds and deeds[-1].kind == "registered":
            self.expect(
                behaviour.live_online(
                    self.random, company, person, deeds[-1].occurred_at, self._end
                )
            )

    def _live(self, until: datetime) -> None:
        """Let pass what customers do before *until*."""
        due = list(self._due(until))
        events.record((d for d in due if not _answers_us(d)), self.ids)
        for deed in due:
            if isinstance(deed, Deed) and _answers_us(deed):
                self._answer(deed)
        react_to_all(until)

    def _due(self, until: datetime) -> Iterator[Deed | Order]:
        while self._coming and self._coming[0][0] < until:
            deed = heapq.heappop(self._coming)[2]
            if not self._keeps_to_the_store(deed):
                yield deed
            if isinstance(deed, Deed) and deed.kind == "registered":
                self._registered.add(deed.company.number)

    def _keeps_to_the_store(self, deed: Deed | Order) -> bool:
        """Would have been ordered by phone, had the company not come to the store."""
        return (
            isinstance(deed, Order)
            and deed.channel != "online"
            and deed.company.number in self._registered
            and self.random.random() < deed.company.appetite
        )

    def _answer(self, deed: Deed) -> None:
        buyer = self.ids.buyer(deed.company, deed.person)
        invitation = Invitation.objects.filter(buyer=buyer, revoked_at=None).first()
        if invitation is None:
            return
        act = answers.see if deed.kind == answers.SEEN else answers.accept
        act(invitation, deed.occurred_at)


def _answers_us(deed: Deed | Order) -> bool:
    """Done on our own page, so not reported by the store."""
    return isinstance(deed, Deed) and deed.kind in (answers.SEEN, answers.ACCEPTED)


def _people(
    companies: Iterable[Company], ids: events.Ids
) -> Iterator[tuple[int, Person]]:
    for company in companies:
        for place in range(len(company.people)):
            buyer = ids.buyer(company, place)
            if buyer is not None:
                yield buyer, (company, place)
