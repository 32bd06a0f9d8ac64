"""A cell with addresses → the addresses in it, each checked on its own."""

import re
from dataclasses import dataclass

from accounts.customers.addresses import Address, BadAddress, check
from accounts.customers.lines import tidy

# Separators, but not inside a quoted name ("Pérez, Ana" <ana@…>).
_APART = re.compile(r'(?:[;,|\r\n\t]|\s/\s)(?=(?:[^"]*"[^"]*")*[^"]*$)')
_WITH_NAME = re.compile(r'"?([^"<>]*?)"?\s*<([^<>]+)>')


@dataclass(frozen=True, slots=True)
class Found:
    """An address, or why there is none; ``name`` as in ``Ana <ana@…>``."""

    text: str
    address: Address | None = None
    code: str = ""
    name: str = ""


def find(cell: str) -> list[Found]:
    """In the order of the cell, blank pieces left out."""
    if "@" in cell and _APART.search(cell) is None and " " not in cell.strip():
        return [_found(cell.strip())]
    pieces = [piece.strip() for piece in _APART.split(cell)]
    return [_found(each) for piece in pieces if piece for each in _by_blanks(piece)]


def _by_blanks(piece: str) -> list[str]:
    """Blanks separate only where each part is an address by itself."""
    parts = piece.split()
    if len(parts) > 1 and all(part.count("@") == 1 for part in parts):
        return parts
    return [piece]


def _found(text: str) -> Found:
    name, plain = "", text
    if with_name := _WITH_NAME.fullmatch(text):
        name, plain = tidy(with_name[1]), with_name[2].strip()
    plain = plain.removeprefix("mailto:")
    try:
        # All capitals are a habit of old systems, not the owner's spelling.
        address = check(plain.lower() if plain.isupper() else plain)
    except BadAddress as bad:
        return Found(text, code=bad.code, name=name)
    return Found(text, address, name=name)
