"""How long somebody was there, as the tools write it → whole minutes."""

import re

_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?")
_PLAIN = re.compile(r"(\d{1,5})(?:[.,](\d+))?")
_PARTS = re.compile(
    r"(?:(?P<d>\d+)\s*(?:d|days?|dias?|días?)\W*)?"
    r"(?:(?P<h>\d+)\s*(?:h|hrs?|hours?|horas?)\W*)?"
    r"(?:(?P<m>\d+)\s*(?:m|min|mins|minutes?|minutos?)\W*)?"
    r"(?:(?P<s>\d+)\s*(?:s|sec|secs|seg|segs|seconds?|segundos?)\W*)?",
    re.IGNORECASE,
)
_ISO = re.compile(r"PT(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+)(?:\.\d+)?S)?")
MOST = 32_767


class BadDuration(ValueError):
    """None of the ways in which a tool writes one."""


def minutes(text: str) -> int:
    """ "1h 27m 51s", "1 hora 5 minutos", "0:58:10", "58:10", "58" or "PT58M" → 87…

    A number alone is minutes. Begun minutes do not count.
    """
    plain = " ".join(text.split())
    if not plain:
        raise BadDuration(text)
    if clock := _CLOCK.fullmatch(plain):
        return _of_clock(clock)
    if number := _PLAIN.fullmatch(plain):
        return min(int(number[1]), MOST)
    found = _ISO.fullmatch(plain.upper()) or _PARTS.fullmatch(plain)
    if found is None or not any(found.groups()):
        raise BadDuration(text)
    return _of_parts({key: int(value or 0) for key, value in found.groupdict().items()})


def _of_clock(clock: re.Match[str]) -> int:
    """Three parts begin with hours; two are minutes and seconds."""
    first, second, third = clock.groups()
    whole = int(first) * 60 + int(second) if third is not None else int(first)
    return min(whole, MOST)


def _of_parts(parts: dict[str, int]) -> int:
    seconds = (
        parts.get("d", 0) * 86_400
        + parts.get("h", 0) * 3_600
        + parts.get("m", 0) * 60
        + parts.get("s", 0)
    )
    return min(seconds // 60, MOST)
