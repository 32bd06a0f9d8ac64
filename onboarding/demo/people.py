"""Makes up the customers of the demonstration: the same ones for the same seed."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from . import words

SEGMENTS = tuple(words.SPANISH_TRADES)
REP_CODES = ("jvidal", "mrobles", "klynch", "tgalan")


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up buyer; ``email`` is empty for the few who have none on file."""

    first_name: str
    last_name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class Company:
    """A made-up customer company and how it buys.

    ``rhythm`` is the usual number of days between two orders, ``size`` the usual
    amount of one, ``appetite`` (0 to 1) how readily it takes to the web store.
    """

    number: str
    name: str
    segment: str
    country: words.Country
    city: str
    rep_code: str
    is_key: bool
    blocked_because: str
    people: tuple[Person, ...]
    rhythm: int
    size: float
    appetite: float


def make_companies(random: Random, count: int) -> list[Company]:
    taken: set[str] = set()
    return [_company(random, 20_000 + 7 * n, taken) for n in range(count)]


def _company(random: Random, number: int, taken: set[str]) -> Company:
    country = random.choices(words.COUNTRIES, [c.weight for c in words.COUNTRIES])[0]
    segment = random.choice(SEGMENTS)
    name = _fresh_name(random, country, segment, taken)
    rhythm = random.choice((7, 14, 14, 21, 30, 30, 45, 60, 90))
    blocked = random.random() < 0.06
    return Company(
        number=str(number),
        name=name,
        segment=segment,
        country=country,
        city=random.choice(country.cities),
        rep_code=_rep(random, country),
        is_key=rhythm <= 21 and random.random() < 0.35,
        blocked_because=random.choice(words.INELIGIBLE_REASONS) if blocked else "",
        people=tuple(_people(random, country, _domain(name))),
        rhythm=rhythm,
        size=random.lognormvariate(6.0, 0.8),
        appetite=random.betavariate(2.2, 2.0),
    )


def _rep(random: Random, country: words.Country) -> str:
    if random.random() < 0.03:  # left long ago: nobody's code any more
        return "pmartos"
    return "klynch" if country.language == "en" else random.choice(REP_CODES)


def _fresh_name(
    random: Random, country: words.Country, segment: str, taken: set[str]
) -> str:
    while True:
        name = _name(random, country, segment)
        if name not in taken:
            taken.add(name)
            return name


def _name(random: Random, country: words.Country, segment: str) -> str:
    suffix = random.choice(country.suffixes)
    if country.language == "es":
        trade = random.choice(words.SPANISH_TRADES[segment])
        tail = random.choice((*words.SPANISH_PLACES, *words.SPANISH_LAST))
        return f"{trade} {tail} {suffix}"
    trade = random.choice(words.ENGLISH_TRADES[segment])
    head = random.choice((*words.ENGLISH_PLACES, *words.ENGLISH_LAST))
    return f"{head} {trade} {suffix}"


def _people(random: Random, country: words.Country, domain: str) -> Iterator[Person]:
    count = random.choices((1, 2, 3, 4, 5), (18, 32, 28, 14, 8))[0]
    seen = set()
    for place in range(count):
        first, last = _person(random, country)
        local = f"{ascii_word(first)}.{ascii_word(last)}"
        if place and random.random() < 0.05:
            local = "compras" if country.language == "es" else "purchasing"
        if local in seen:
            continue
        seen.add(local)
        missing = place > 0 and random.random() < 0.03
        email = "" if missing else f"{local}@{domain}"
        yield Person(first, last, email, f"+00 555 {random.randrange(10**6):06d}")


def _person(random: Random, country: words.Country) -> tuple[str, str]:
    if country.language == "es":
        return random.choice(words.SPANISH_FIRST), random.choice(words.SPANISH_LAST)
    return random.choice(words.ENGLISH_FIRST), random.choice(words.ENGLISH_LAST)


def _domain(company: str) -> str:
    return f"{ascii_word(company)[:30]}.example"


def ascii_word(text: str) -> str:
    """Lower-case letters and digits only: "Íñigo" → "inigo"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain.lower() if letter.isalnum())
