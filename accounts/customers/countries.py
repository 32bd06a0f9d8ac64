"""Countries: as customer lists write them → two letters → as a reader names them."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from unicodedata import combining, normalize

from django.utils.translation import get_language

_SPANISH = "AR BO CL CO CR CU DO EC ES GQ GT HN MX NI PA PE PR PY SV UY VE"
SPANISH_SPEAKING = frozenset(_SPANISH.split(" "))

_TABLE = Path(__file__).with_name("countries.tsv")
_APART = re.compile(r"[^a-z0-9]+")


def code_for(text: str) -> str:
    """The ISO 3166 code of a country's name or code; "" where none is meant."""
    return _codes().get(fold(text), "")


def is_code(code: str) -> bool:
    return len(code) == 2 and _codes().get(code.casefold()) == code


def fold(text: str) -> str:
    """Without case, accents and signs, so that "EE. UU." and "ee uu" meet."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in normalize("NFKD", plain) if not combining(c))
    return _APART.sub(" ", plain.replace("&", " and ")).strip()


@cache
def _codes() -> Mapping[str, str]:
    names = {fold(name): code for code, name in _spellings()}
    # Codes win over names: GB is a code, whatever a name may fold to.
    codes = {code.casefold(): code for code, _name in _spellings()}
    return {**names, **codes}


def _spellings() -> Iterator[tuple[str, str]]:
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, three_letters, names = line.split("\t")
            yield code, three_letters
            for name in names.split("|"):
                yield code, name


def name_of(code: str) -> str:
    """In the reader's language; *code* itself where it is not an ISO 3166 one."""
    return _names(get_language() or "en").get(code, code)


def choices() -> list[tuple[str, str]]:
    """Every country with its name, in the order a reader looks for it."""
    codes = sorted(set(_codes().values()))
    return sorted(
        ((code, name_of(code)) for code in codes), key=lambda one: fold(one[1])
    )


@cache
def _names(language: str) -> Mapping[str, str]:
    from babel import Locale  # noqa: PLC0415 - its tables are heavy, few pages need them

    return dict(Locale.parse(language, sep="-").territories)
