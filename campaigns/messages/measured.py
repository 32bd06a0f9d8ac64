"""The same mail, with its openings and clicks counted: for those who agreed to it.

A published text is compiled a second time, with a hole for a token wherever the
address of a stored link stands, and before its end a pixel and a link that no person
sees. Whoever is not measured gets the first one, which knows nothing of all this.

Only addresses that are the same for everybody are stored and counted. A link that
does a job for its reader (an invitation, a seat, leaving) stays as it is, and so
does the text part: there a person sees the address itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from accounts.customers import links

from . import compose
from .compose import Compiled
from .models import MessageVersion, PublishedLink
from .syntax import TAG

#: What the tokens are signed for. The claim's version is the number of the link.
FOLLOW = "follow"
SEEN = "seen"
#: The number of the link that no person sees; stored ones begin with 1.
TRAP = 0
#: Where tokens are taken, after the address of this site.
DOOR = "/m/"

#: What fills the holes: one token each.
Slots = Mapping[str, str]

_LONGEST = 2_000
_STORE = re.compile(r"{{-?\s*links\.store\s*-?}}")
# Liquid is passed over first: what stands in it is no part of the page. Nothing in
# braces may come before the address, and no stored address holds any.
_LINK = re.compile(
    TAG.pattern + r"|(?P<before><a\b[^<>{}]*?\shref=\")(?P<href>[^\"]*)(?=\")",
    re.DOTALL,
)
# Nothing is hidden by style: `display:none` and tiny letters are what filters of spam
# look for, and what careful scanners pass over. An anchor with nothing in it takes no
# place on the page: there is nothing to see, to touch or to hear.
_HIDDEN = (
    '<a href="{door}{{{{ measured.trap }}}}" aria-hidden="true" tabindex="-1"></a>'
    '<img src="{door}{{{{ measured.pixel }}}}.gif" width="1" height="1" alt=""'
    ' aria-hidden="true" style="display:block;border:0;width:1px;height:1px">'
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A mail that measures, and the numbers of the links in it."""

    compiled: Compiled
    numbers: tuple[int, ...]

    def groups(self, delivery: UUID) -> Mapping[str, Slots]:
        """What one delivery's holes are filled with, as a part of its context."""
        found = {f"l{one}": links.make(FOLLOW, delivery, one) for one in self.numbers}
        found["trap"] = links.make(FOLLOW, delivery, TRAP)
        found["pixel"] = links.make(SEEN, delivery)
        return {"measured": found}


def keep(version: MessageVersion) -> None:
    """Store the addresses that *version* links to. Repeats add nothing."""
    kept = list(PublishedLink.objects.filter(version=version))
    known = {(one.language, one.address) for one in kept}
    wanted = [
        (text.language, address)
        for text in version.texts.order_by("language")
        for address in dict.fromkeys(addresses(text.html))
    ]
    new = [one for one in wanted if one not in known]
    first = max((one.number for one in kept), default=TRAP) + 1
    PublishedLink.objects.bulk_create(
        [
            PublishedLink(
                version=version, language=language, number=number, address=address
            )
            for number, (language, address) in enumerate(new, start=first)
        ],
        ignore_conflicts=True,
    )


def addresses(html: str) -> Iterator[str]:
    """The addresses in *html*, Liquid still in place, that may be counted."""
    for found in _LINK.finditer(html):
        if found["href"] and (address := address_of(found["href"])):
            yield address


def address_of(href: str) -> str | None:
    """Where *href* leads everybody; None where that is somebody's own, or our own."""
    address = unescape(_STORE.sub(lambda _found: settings.STORE_URL, href, count=1))
    if "{" in address or "}" in address or len(address) > _LONGEST:
        return None
    if any(sign <= " " or sign == "\x7f" for sign in address):
        return None
    return address if not _is_ours(address) and _is_web(address) else None


def _is_ours(address: str) -> bool:
    """A page of this site; the store of the demonstration lives here too."""
    return address.startswith(settings.SITE_URL) and not address.startswith(
        settings.STORE_URL
    )


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def mark(html: str, numbers: Mapping[str, int]) -> str:
    """*html* with holes for the links of *numbers* (address → number), the pixel, and
    the link that no person sees."""
    door = f"{settings.SITE_URL}{DOOR}"

    def put(found: re.Match[str]) -> str:
        number = numbers.get(address_of(found["href"]) or "") if found["href"] else None
        if number is None:
            return found[0]
        return f"{found['before']}{door}{{{{ measured.l{number} }}}}"

    marked = _LINK.sub(put, html)
    body, end, rest = marked.rpartition("</body>")
    return f"{body or rest}{_HIDDEN.format(door=door)}{end}{rest if body else ''}"


@lru_cache(maxsize=256)
def compiled(version_id: int, language: str) -> Measured:
    """The measuring mail of a version in *language*, or the nearest that it has."""
    text = compose.find_text(version_id, language)
    stored = PublishedLink.objects.filter(version=version_id, language=text.language)
    numbers = dict(stored.values_list("address", "number"))
    mail = compose.compile_text(text, mark(text.html, numbers))
    return Measured(mail, _numbers_in(mail.names))


def _numbers_in(names: Iterable[str]) -> tuple[int, ...]:
    found = (name.removeprefix("measured.l") for name in names)
    return tuple(sorted(int(rest) for rest in found if rest.isdecimal()))
