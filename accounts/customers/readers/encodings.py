"""How a text file is encoded, found from all of its bytes."""

import codecs

from .rows import BadFile
from .sources import Source

#: What a person may choose, as Python calls it.
CHOICES = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso8859-15",
           "cp850")  # fmt: skip

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def find(source: Source) -> str:
    """UTF-8 where the bytes allow it, else what Windows programs write here."""
    pieces = source.pieces()
    first = next(pieces, b"")
    for mark, encoding in _MARKS:
        if first.startswith(mark):
            return encoding
    if unmarked := _utf16_without_mark(first):
        return unmarked
    if b"\0" in first:
        raise BadFile("file_not_text")
    return "utf-8-sig" if _is_utf8(source) else "cp1252"


def _is_utf8(source: Source) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in source.pieces():
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_mark(first: bytes) -> str:
    """Latin text in UTF-16 has a NUL in most of its pairs, always on one side."""
    sample = first[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    most = 0.7 * (len(sample) // 2)
    if odd > most and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > most and odd == 0 else ""
