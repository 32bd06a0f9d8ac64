"""Thirteen weeks of a wholesaler's campaign, told through the product's own doors."""

import io
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from random import Random
from zlib import crc32

from django.core.management import call_command
from django.urls import reverse

from accounts.customers import lifecycle as imports
from accounts.customers import uploads
from accounts.customers.models import CustomerImport
from accounts.journal import clock, react
from accounts.staff import keys
from campaigns.messages.models import Brand
from campaigns.sequences import arming
from campaigns.sequences.audiences import conditions
from campaigns.sequences.planning import lifecycle, playbooks
from campaigns.sequences.rows import Row
from campaigns.sequences.sending import advance
from campaigns.sequences.sending.deliver import deliver

from . import wholesaler
from .wholesaler import Document

#: Morning, noon and evening somewhere: Japan has customers too.
HOURS = (1, 7, 9, 13, 17)
LINK = re.compile(r"https?://[^\s<>\"]+/i/([^\s<>\")\]]+)")
LEAVE = re.compile(r"<https?://[^/]+(/u/[^>]+)>")
CHUNK = 500


class Story:
    """What happens to a wholesaler; ``at`` is the time of the story."""

    def __init__(self, documents: Sequence[Document], client, sink, worker, folder):
        self.documents, self.client = documents, client
        self.sink, self.worker, self.folder = sink, worker, folder
        self.begin = _monday_weeks_ago(documents)
        self.shift = self.begin.date() - wholesaler.BEGIN
        self.at = self.begin
        self.people = {
            person.email: person
            for customer in sorted({one.customer for one in documents})
            for person in wholesaler.people_of(customer)
        }
        self.registered: dict[str, tuple[str, datetime]] = {}
        self.read = 0
        self.left: set[str] = set()
        self.key = keys.issue("Store", "store", ["events", "customers"]).secret

    # -- From nothing to a running campaign ------------------------------------------

    def import_customers(self, by) -> CustomerImport:
        content = wholesaler.customer_file(self.documents)
        path = self.folder / "customers.csv"
        path.write_bytes(content)
        with path.open("rb") as file:
            batch = uploads.receive(
                file, path.name, CustomerImport.Kind.CUSTOMERS, by=by
            )
        basis = CustomerImport.LegalBasis.EXISTING_CUSTOMER
        imports.ask_check(batch, batch.mapping, batch.options, imports.Declared(basis))
        imports.run(batch.pk, clock.now)
        batch.refresh_from_db()
        imports.ask_apply(batch, by)
        imports.run(batch.pk, clock.now)
        batch.refresh_from_db()
        return batch

    def import_orders(self) -> None:
        before = [one for one in self.documents if one.day < wholesaler.BEGIN]
        path = self.folder / "orders.csv"
        path.write_bytes(wholesaler.order_file(before, self.shift))
        call_command(
            "import_orders", str(path), "--zone", "Europe/London", stdout=io.StringIO()
        )
        react.react_to_all(self.at)

    def start_campaign(self, by):
        """Three mails, by the playbook, to customers abroad."""
        Brand.objects.create(
            name="Wholesaler",
            sender_name="Wholesaler",
            sender_email="store@wholesaler.example",
            postal_address="1 Example Quay, Example Harbour",
            store_name="Wholesaler online",
            is_default=True,
        )
        campaign = playbooks.apply(playbooks.FIRST_ORDER, "Abroad, online")
        abroad = Row("country", ["GB"], negated=True)
        campaign.audience = conditions.make([Row("never_ordered_online", True), abroad])
        campaign.save()
        arming.arm(by, self.at)
        assert lifecycle.start(campaign, by, self.at)
        return campaign

    # -- Time ------------------------------------------------------------------------

    def pass_days(self, days: int) -> None:
        """The dispatcher turns a few times a day; people read in the evening."""
        first = self.at.date()
        for day in range(days):
            for hour in HOURS:
                self.at = datetime.combine(
                    first + timedelta(days=day), time(hour, 30), UTC
                )
                self.turn()
            self.at += timedelta(hours=2)
            self.read_mails()
        self.at = datetime.combine(first + timedelta(days=days), time(0), UTC)
        self.turn()

    def skip_days(self, days: int) -> None:
        """When the campaign has nothing more to say, one turn does for a week."""
        self.at += timedelta(days=days)
        self.turn()
        self.read_mails()

    def turn(self) -> None:
        react.react_to_all(self.at)
        while advance.advance(self.at):
            pass
        while deliver(self.at, worker=self.worker).claimed:
            pass

    # -- What customers do -----------------------------------------------------------

    def read_mails(self) -> None:
        new, self.read = self.sink.mails[self.read :], len(self.sink.mails)
        for mail in new:
            person = self.people[mail.recipient]
            assert person.email not in self.left, "She has left, and gets no mail."
            message = message_from_bytes(mail.raw, policy=policy.default)
            text = message.get_body(("plain",)).get_content()
            if link := LINK.search(text):
                self.scan(link[1])
                self.react_to(person, link[1], message)

    def scan(self, token: str) -> None:
        """A mail gateway opens every link before its reader does, and twice."""
        for _ in range(2):
            page = self.client.get(reverse("invitations:open", args=[token]))
            assert page.status_code == 302
            assert token not in page["Location"]
        assert self.client.get(page["Location"]).status_code == 200
        self.client.cookies.clear()

    def react_to(self, person, token, message) -> None:
        """Twenty kinds of people: five never look, half go all the way."""
        reminded = "recordatorio" in message["Subject"].lower() or self.was_told(person)
        dice = person.dice
        if person.email in self.registered:
            return
        if dice == 2:
            self.leave(person, message)
        elif dice == 5:
            self.visit(token, "invitations:seen")
        elif 6 <= dice <= 8:
            self.visit(token, "invitations:accept")
        elif dice == 9:
            self.register(person, {"email": person.email}, account=person.customer)
        elif dice >= 10 or (dice in {3, 4} and reminded):
            page = self.visit(token, "invitations:accept")
            page = self.visit(token, "invitations:accept") if dice == 19 else page
            reference = page["Location"].rpartition("=")[2]
            self.register(person, {"invitation": reference})

    def was_told(self, person) -> bool:
        mine = [one for one in self.sink.mails if one.recipient == person.email]
        return len(mine) > 1

    def visit(self, token, view):
        self.client.get(reverse("invitations:open", args=[token]))
        page = self.client.post(reverse(view))
        assert page.status_code in {204, 303}
        self.client.cookies.clear()
        return page

    def leave(self, person, message) -> None:
        """One click in her mail program: no cookie, no page."""
        address = LEAVE.search(message["List-Unsubscribe"])[1]
        page = self.client.post(address, {"List-Unsubscribe": "One-Click"})
        assert page.status_code == 200
        self.left.add(person.email)

    def register(self, person, buyer, account=None) -> None:
        event = {
            "key": f"registered-{person.email}",
            "kind": "registered",
            "occurred_at": self.at.isoformat(),
            "buyer": buyer,
        }
        if account:
            event["account"] = account
        for _ in range(2):
            self.report([event])
        self.registered[person.email] = (person.customer, self.at)

    # -- What store and ERP report ---------------------------------------------------

    def post_week(self, documents: Sequence[Document]) -> None:
        events = [self.as_event(one) for one in documents]
        Random(len(events)).shuffle(events)
        for first in range(0, len(events), CHUNK):
            chunk = events[first : first + CHUNK]
            self.report(chunk)
            self.report(chunk[: CHUNK // 5])
        react.react_to_all(self.at)

    def as_event(self, one: Document) -> dict:
        """Who has registered mostly orders online from then on; that is made up."""
        event = {
            "key": f"document-{one.number}",
            "kind": one.kind,
            "occurred_at": one.at(self.shift).isoformat(),
            "account": one.customer,
            "amount": str(one.amount),
            "currency": "GBP",
            "document": one.number,
        }
        if one.kind == "credit_note":
            return event
        buyer = self.buyer_of(one)
        dice = crc32(one.number.encode()) % 10
        if buyer is None or dice > 7:
            return {**event, "channel": "phone"}
        event |= {"channel": "online", "buyer": {"email": buyer}}
        if dice == 7:
            event["placed_by"] = "on_behalf"
        return event

    def buyer_of(self, one: Document) -> str | None:
        registered = sorted(
            email
            for email, (customer, since) in self.registered.items()
            if customer == one.customer and since < one.at(self.shift)
        )
        return (
            registered[crc32(one.number.encode()) % len(registered)]
            if registered
            else None
        )

    def report(self, events) -> dict:
        answer = self.post("/api/v1/events", {"events": events})
        assert not answer["refused"], answer["results"][:3]
        assert not answer["conflict"], answer["results"][:3]
        return answer

    def post(self, path, body) -> dict:
        page = self.client.post(
            path,
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.key}"},
        )
        assert page.status_code == 200, page.content[:500]
        return page.json()


def _monday_weeks_ago(documents: Sequence[Document]) -> datetime:
    """So long ago that the last document is not in the future."""
    days = (documents[-1].day - wholesaler.BEGIN).days + 10
    day = datetime.now(UTC) - timedelta(days=days)
    monday = day - timedelta(days=day.weekday())
    return monday.replace(hour=0, minute=0, second=0, microsecond=0)
