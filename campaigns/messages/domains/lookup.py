"""Asks DNS, and tells "there is none" from "nobody answered"."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from dns.resolver import Resolver

#: For one question, and for all about one domain: somebody waits before the page.
_EACH_SECONDS = 3.0
_ALL_SECONDS = 12.0


class Unanswered(Exception):
    """No name server said yes or no."""


def make_resolver() -> "Resolver":
    """That of this computer, or the servers of DNS_SERVERS."""
    from dns.resolver import Resolver  # noqa: PLC0415 - 3 MiB, for one page

    servers = list(settings.DNS_SERVERS)
    resolver = Resolver(configure=not servers)
    if servers:
        resolver.nameservers = servers
        resolver.port = settings.DNS_PORT
    return resolver


@dataclass(slots=True)
class Lookup:
    resolver: "Resolver" = field(default_factory=make_resolver)
    clock: Callable[[], float] = time.monotonic
    _ends: float = 0.0

    def texts(self, name: str) -> list[str]:
        """The TXT records, each put together from its parts."""
        return [
            b"".join(record.strings).decode("utf-8", "replace")
            for record in self._ask(name, "TXT")
        ]

    def mail_hosts(self, name: str) -> list[str]:
        """The MX hosts, the first choice first; "" is a domain that wants no mail."""
        found = sorted(self._ask(name, "MX"), key=lambda record: record.preference)
        return [record.exchange.to_text(omit_final_dot=True) for record in found]

    def has_address(self, name: str) -> bool:
        kinds = ("A", "AAAA")
        return any(self._ask(name, kind) for kind in kinds)

    def _ask(self, name: str, kind: str) -> list:  # type: ignore[type-arg]
        from dns.exception import DNSException  # noqa: PLC0415 - see above
        from dns.resolver import NXDOMAIN, NoAnswer  # noqa: PLC0415

        now = self.clock()
        self._ends = self._ends or now + _ALL_SECONDS
        if now >= self._ends:
            raise Unanswered
        try:
            answer = self.resolver.resolve(
                name, kind, lifetime=min(_EACH_SECONDS, self._ends - now), search=False
            )
        except (NXDOMAIN, NoAnswer):
            return []
        except DNSException as error:
            raise Unanswered from error
        return list(answer)
