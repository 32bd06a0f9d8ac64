"""Whom the people of a list are taken for: by address, or by name as a suggestion."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.customers.countries import fold
from accounts.customers.models import Buyer
from campaigns.training.models import AttendanceLine, Seat, Session

from .reading import Participant

How = AttendanceLine.How


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the list, with the minutes of all her comings and goings."""

    line: int
    name: str
    email: str
    key: str
    company: str
    minutes: int | None
    attended: bool


@dataclass(frozen=True, slots=True)
class Match:
    """For whom she is taken: her seat where she has one, else a buyer we know."""

    how: str
    seat_id: int | None = None
    buyer_id: int | None = None


def gather(participants: Iterable[Participant]) -> list[Person]:
    """Lines of one person together: by address, else by name. First line counts."""
    found: dict[str, Person] = {}
    for one in participants:
        key = one.address.key if one.address else f"name:{fold(one.name)}"
        before = found.get(key)
        found[key] = _add(before, one) if before else _person(one)
    return list(found.values())


def _person(one: Participant) -> Person:
    email, key = (one.address.email, one.address.key) if one.address else ("", "")
    return Person(
        one.line, one.name, email, key, one.company, one.minutes, one.attended
    )


def _add(before: Person, one: Participant) -> Person:
    told = [each for each in (before.minutes, one.minutes) if each is not None]
    return Person(
        before.line,
        before.name or one.name,
        before.email,
        before.key,
        before.company or one.company,
        sum(told) if told else None,
        before.attended or one.attended,
    )


class Guestbook:
    """Who has, or had, a seat in the session, by address and by name."""

    def __init__(self, session: Session) -> None:
        rows = session.seats.select_related("buyer", "account").order_by("pk")
        self.by_key: dict[str, Seat] = {}
        self.by_name: dict[str, list[Seat]] = defaultdict(list)
        for seat in sorted(rows, key=lambda seat: seat.is_live):
            if seat.buyer and seat.buyer.email_key:
                self.by_key[seat.buyer.email_key] = seat
            if name := fold(seat.buyer.full_name if seat.buyer else seat.guest_name):
                self.by_name[name].append(seat)
        self.session = session

    def match(self, people: Sequence[Person]) -> list[Match]:
        """In their order; one statement for all whom the guestbook does not know."""
        strangers = {
            one.key for one in people if one.key and one.key not in self.by_key
        }
        known = self._buyers(strangers)
        return [self._match(one, known) for one in people]

    def _buyers(self, keys: set[str]) -> Mapping[str, list[Buyer]]:
        found: dict[str, list[Buyer]] = defaultdict(list)
        rows = Buyer.objects.filter(email_key__in=keys, active=True)
        if self.session.account_id:
            rows = rows.filter(account=self.session.account_id)
        for buyer in rows:
            found[buyer.email_key].append(buyer)
        return found

    def _match(self, one: Person, known: Mapping[str, list[Buyer]]) -> Match:
        if not one.attended:
            return Match(How.AWAY)
        if seat := self.by_key.get(one.key):
            return Match(How.ADDRESS, seat.pk, seat.buyer_id)
        buyers = known.get(one.key, [])
        if len(buyers) == 1:
            return Match(How.ADDRESS, None, buyers[0].pk)
        if seat := self._by_name(one):
            return Match(How.SUGGESTED, seat.pk, seat.buyer_id)
        return Match(How.NOBODY)

    def _by_name(self, one: Person) -> Seat | None:
        """The only one of that name, or of that name and company."""
        named = self.by_name.get(fold(one.name), []) if one.name else []
        if one.company:
            company = fold(one.company)
            there = [s for s in named if fold(s.account.name) == company]
            named = there or named
        people = {(seat.account_id, seat.buyer_id or seat.pk) for seat in named}
        return named[-1] if len(people) == 1 else None
