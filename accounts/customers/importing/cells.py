"""One cell → one value, by the notation the person chose. Pure, and the hot path.

Every parser takes the text of a cell that is not blank and returns the value; it
raises `BadCell` with a code of `customers.problems` where there is none. Cells which
a workbook holds as numbers or dates (`Exact`) obey no notation.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings

from accounts.customers import countries, lines, numbers, zones
from accounts.customers.readers import Exact

Parser = Callable[[str], Any]


class BadCell(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# -- Text ----------------------------------------------------------------------------

# How some exports keep a spreadsheet from eating leading zeros: ="00123".
_SHELTERED = re.compile(r'="([^"]*)"')
_ERRORS = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"}
)


def text(longest: int) -> Parser:
    def parse(cell: str) -> str:
        tidy = lines.tidy(cell)
        if len(tidy) > longest:
            raise BadCell("too_long")
        if not tidy.isprintable() and not lines.is_clean(tidy):
            raise BadCell("hidden")
        return _without_formula(tidy) if tidy[:1] in "=#" else tidy

    return parse


def _without_formula(tidy: str) -> str:
    if tidy in _ERRORS:
        raise BadCell("cell_error")
    if not tidy.startswith("="):
        return tidy
    if sheltered := _SHELTERED.fullmatch(tidy):
        return sheltered[1]
    raise BadCell("formula")


def name(longest: int) -> Parser:
    """Of a person: stands in subjects, so no link may hide in it."""
    parse_text = text(longest)

    def parse(cell: str) -> str:
        found: str = parse_text(cell)
        if lines.LINK.search(found):
            raise BadCell("link")
        return found

    return parse


# What a spreadsheet makes of a long number: 1,04E+11.
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")


def number(*, strip_zeros: bool) -> Parser:
    """A customer number, or an id: text, whatever it looks like."""
    parse_text = text(10 * numbers.LONGEST)

    def parse(cell: str) -> str:
        found: str = parse_text(cell)
        if _SCIENTIFIC.fullmatch(found):
            raise BadCell("number_scientific")
        if strip_zeros:
            found = numbers.strip_zeros(found)
        if len(found) > numbers.LONGEST:
            raise BadCell("number_long")
        return found

    return parse


# -- Amounts -------------------------------------------------------------------------

_CURRENCY = re.compile(r"\s|[€$£]|EUR|USD|GBP|['’]", re.IGNORECASE)
_POINT = re.compile(r"\d{1,3}(?:,\d{3})*(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+")
_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})*(?:,\d+)?|\d+(?:,\d+)?|,\d+")
_CENT = Decimal("0.01")
_BIGGEST = Decimal(10) ** 12


def amount(*, decimal: str) -> Parser:
    """``decimal`` is "comma" or "point". A minus may also follow, as SAP writes it."""
    form, grouping, mark = (
        (_COMMA, ".", ",") if decimal == "comma" else (_POINT, ",", ".")
    )

    def parse(cell: str) -> Decimal:
        plain = _CURRENCY.sub("", cell)
        if isinstance(cell, Exact):
            return _in_cents(plain, cell)
        digits = plain.strip("-+()")
        if form.fullmatch(digits) is None or plain.count("-") > 1:
            raise BadCell("not_a_number")
        negative = "-" in plain or plain.startswith("(")
        value = digits.replace(grouping, "").replace(mark, ".")
        return _in_cents(f"-{value}" if negative else value, cell)

    return parse


def _in_cents(plain: str, cell: str) -> Decimal:
    try:
        value = Decimal(plain)
    except ArithmeticError:
        raise BadCell("not_a_number") from None
    if not value.is_finite():
        raise BadCell("not_a_number")
    if abs(value) >= _BIGGEST:
        raise BadCell("number_too_big")
    return value.quantize(_CENT, ROUND_HALF_UP)


# -- Dates ---------------------------------------------------------------------------

_ISO = re.compile(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})")
_PARTS = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{2}|\d{4})")
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}.*$")
# How systems write "none".
_NO_DATE = frozenset({"00000000", "0000-00-00", "00/00/0000", "00.00.0000"})
_FIRST, _LAST = 1900, 2200
#: Two digits from here on are of the century before.
_PIVOT = 69


def day(*, order: str) -> Parser:
    """``order`` of the parts is "dmy" or "mdy"; a year in front needs no telling."""

    def parse(cell: str) -> date | None:
        plain = _TIME.sub("", cell.strip())
        if plain in _NO_DATE:
            return None
        if iso := _ISO.fullmatch(plain):
            return _date(int(iso[1]), int(iso[2]), int(iso[3]))
        if (parts := _PARTS.fullmatch(plain)) is None:
            raise BadCell("not_a_date")
        one, two, year = int(parts[1]), int(parts[2]), _full_year(parts[3])
        return _date(year, two, one) if order == "dmy" else _date(year, one, two)

    return parse


def _full_year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (1900 if year >= _PIVOT else 2000)


def _date(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise BadCell("not_a_date") from None
    if not _FIRST <= year <= _LAST:
        raise BadCell("not_a_date")
    return found


# -- Words ---------------------------------------------------------------------------

_YES_WORDS = "yes y si sí s true t 1 x j ja oui verdadero cierto on"
_NO_WORDS = "no n false f 0 - falso off none ninguno nein non"
_YES, _NO = frozenset(_YES_WORDS.split()), frozenset(_NO_WORDS.split())


def flag(cell: str) -> bool:
    word = lines.tidy(cell).casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise BadCell("not_yes_or_no")


def unless_blocked(words: str) -> Parser:
    """A block, such as SAP's AUFSD or Dynamics' Bloqueado → may it order online?

    Any word blocks but "no" and its like; or only *words*, separated by commas.
    """
    only = {word.strip().casefold() for word in words.split(",")} - {""}

    def parse(cell: str) -> bool:
        word = lines.tidy(cell).casefold()
        blocked = word in only if only else word not in _NO
        return not blocked

    return parse


@lru_cache(maxsize=1000)
def country(cell: str) -> str:
    code = countries.code_for(lines.tidy(cell))
    if not code:
        raise BadCell("country_unknown")
    return code


# SAP's one letter and the three of others, for the languages we may ever write in.
_LANGUAGES = {"e": "en", "s": "es", "eng": "en", "spa": "es", "esp": "es"}
_LANGUAGE_NAMES = {
    "english": "en",
    "inglés": "en",
    "ingles": "en",
    "spanish": "es",
    "español": "es",
    "espanol": "es",
    "castellano": "es",
}


@lru_cache(maxsize=1000)
def language(cell: str) -> str:
    """One we write in: a code, perhaps with a region, or its name."""
    word = lines.tidy(cell).casefold()
    code = {**_LANGUAGES, **_LANGUAGE_NAMES}.get(word, word.replace("_", "-")[:2])
    known = word in _LANGUAGE_NAMES or word in _LANGUAGES or len(word) in {2, 5}
    if not known or code not in dict(settings.LANGUAGES):
        raise BadCell("language_not_offered")
    return code


@lru_cache(maxsize=1000)
def zone(cell: str) -> str:
    found = lines.tidy(cell)
    if not zones.is_zone(found):
        raise BadCell("zone_unknown")
    return found
