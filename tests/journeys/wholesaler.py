"""The documents of a wholesaler: real ones where their file is at hand, else made up.

The real file (Online Retail, D. Chen 2015, CC BY 4.0) has documents and customer
numbers, countries and amounts, with all their oddities. It has no names, addresses,
channels or log-ins: whatever of these a journey needs is made up here, and every
document is moved by the same number of days, so that its first of April falls on the
day on which the story begins.
"""

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from zlib import crc32
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT.parent / "shared/data/online-retail/orders-2010-12-to-2011-06.csv.gz"
BEGIN = date(2011, 4, 1)
LONDON = ZoneInfo("Europe/London")
FIRST_NAMES = ("Ana", "Bruno", "Carla", "Dennis", "Elena", "Fergus")
CUSTOMER_HEADER = (
    "Customer No",
    "Company",
    "Country",
    "Key account",
    "Blocked",
    "Reason",
    "First name",
    "Last name",
    "E-mail",
    "Language",
)
LAST_NAMES = ("Alder", "Brook", "Costa", "Dunn", "Ellis", "Font")


@dataclass(frozen=True, slots=True)
class Document:
    number: str
    kind: str
    customer: str
    day: date
    time: str
    country: str
    amount: Decimal

    def at(self, shift: timedelta) -> datetime:
        clock = datetime.fromisoformat(f"{self.day + shift}T{self.time}")
        return clock.replace(tzinfo=LONDON)


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up buyer; ``dice`` decides, always alike, how she takes a mail."""

    customer: str
    first_name: str
    last_name: str
    email: str

    @property
    def dice(self) -> int:
        return crc32(self.email.encode()) % 20


def read_real() -> list[Document]:
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        return [
            Document(
                row["document_no"],
                "ordered" if row["document_type"] == "invoice" else "credit_note",
                row["customer_no"],
                date.fromisoformat(row["posted_at"][:10]),
                row["posted_at"][11:],
                row["country"],
                Decimal(row["net_amount"]),
            )
            for row in csv.DictReader(file)
        ]


def make_up(seed: int = 11) -> list[Document]:
    """A small one of the same make, with the oddities of the real one."""
    random = Random(seed)
    documents: list[Document] = []
    for n in range(90):
        customer, number = f"{20000 + n}", 0
        country = random.choice(
            ["Spain", "Spain", "France", "Germany", "EIRE", "United Kingdom"]
        )
        country = {7: "Unspecified", 8: "European Community"}.get(n, country)
        day = date(2010, 12, 1) + timedelta(days=random.randrange(60))
        while day <= date(2011, 6, 30):
            number += 1
            if n == 9 and number == 2:
                country = "Belgium"  # a customer with two countries
            credit = random.random() < 0.15
            amount = Decimal(random.randrange(0 if number == 3 else 500, 90_000)) / 100
            documents.append(
                Document(
                    f"{'C' if credit else ''}{customer}{number:03}",
                    "credit_note" if credit else "ordered",
                    customer,
                    day,
                    f"{random.randrange(8, 18):02}:{random.randrange(60):02}:00",
                    country,
                    -amount if credit else amount,
                )
            )
            day += timedelta(days=random.choice([5, 9, 14, 25, 40]))
    return sorted(documents, key=lambda one: (one.day, one.time, one.number))


def people_of(customer: str) -> list[Person]:
    """One to three made-up buyers for each customer, always the same."""
    random = Random(crc32(customer.encode()))
    return [
        Person(
            customer,
            random.choice(FIRST_NAMES),
            random.choice(LAST_NAMES),
            f"buyer{n}.{customer}@customer-{customer}.example",
        )
        for n in range(random.choice([1, 1, 2, 3]))
    ]


def customer_file(documents: Sequence[Document]) -> bytes:
    """As an ERP would export them: a line per buyer; a few customers are blocked."""
    countries = {one.customer: one.country for one in documents}
    text = io.StringIO()
    sheet = csv.writer(text, delimiter=";")
    sheet.writerow(CUSTOMER_HEADER)
    for customer, country in sorted(countries.items()):
        dice = crc32(f"account {customer}".encode())
        blocked = dice % 29 == 0
        for person in people_of(customer):
            sheet.writerow(
                [
                    customer,
                    f"Customer {customer} (name made up)",
                    country,
                    "yes" if dice % 11 == 0 else "no",
                    "yes" if blocked else "no",
                    "Pays in advance only" if blocked else "",
                    person.first_name,
                    person.last_name,
                    person.email,
                    "es" if country == "Spain" else "en",
                ]
            )
    return text.getvalue().encode()


def order_file(documents: Sequence[Document], shift: timedelta) -> bytes:
    """What was ordered before the story begins; how (by phone…) is made up."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(
        ["Customer No", "Document No", "Type", "Date", "Channel", "Amount", "Currency"]
    )
    for one in documents:
        channel = ("phone", "email", "fax", "rep")[crc32(one.number.encode()) % 4]
        sheet.writerow(
            [
                one.customer,
                one.number,
                "invoice" if one.kind == "ordered" else one.kind,
                one.at(shift).strftime("%Y-%m-%dT%H:%M:%S"),
                channel,
                one.amount,
                "GBP",
            ]
        )
    return text.getvalue().encode()


def weeks(documents: Sequence[Document]) -> Iterator[tuple[date, list[Document]]]:
    """The documents from the beginning on, by the week in which they fell."""
    first = BEGIN
    while first <= documents[-1].day:
        last = first + timedelta(days=7)
        yield first, [one for one in documents if first <= one.day < last]
        first = last
