"""Late news about somebody who was erased: it counts for her company alone.

Whoever reports it still knows her by name; we do not write the name down again.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product

from accounts.consent.privacy import names
from accounts.consent.privacy.people import hash_of_id, hash_of_unmatched_id
from accounts.customers import addresses

from .naming import Named
from .privacy import keyed, plain
from .reports import EMAIL, EXTERNAL_ID, Report, email_key

_ADDRESS = re.compile(r"[^\s:;,|/<>=]+@[^\s:;,|/<>=]+")
_JOINT = re.compile(r"[-_]")
#: So many of them are looked at on either side: they are few, and hashing costs.
_JOINTS = 6


def unname(
    reports: Sequence[Report], found: Sequence[Named], source: str
) -> list[Report]:
    """The same, without the names of the erased; what they say stays a repeat."""
    pairs = list(zip(reports, found, strict=True))
    in_keys = [list(_in_key(report)) for report in reports]
    called = [list(_called(report, named)) for report, named in pairs]
    erased = names.known({one for many in (*in_keys, *called) for one in many})
    if not erased:
        return list(reports)
    told = []
    for report, key, name in zip(reports, in_keys, called, strict=True):
        unkeyed = _without_key(report, source) if erased.intersection(key) else report
        told.append(_without_name(unkeyed) if erased.intersection(name) else unkeyed)
    return told


def _in_key(report: Report) -> Iterable[bytes]:
    for found in _ADDRESS.findall(report.key) if "@" in report.key else ():
        local, _at, domain = found.rpartition("@")
        for before, after in product(_tails(local), _heads(domain)):
            yield addresses.hash_of(email_key(f"{before}@{after}"))


def _tails(local: str) -> list[str]:
    """`login-ana` may be Ana's: a store joins its keys as it likes."""
    begins = [0, *(one.end() for one in _JOINT.finditer(local))]
    return [local[begin:] for begin in begins[-_JOINTS:]] + [local]


def _heads(domain: str) -> list[str]:
    ends = [one.start() for one in _JOINT.finditer(domain)]
    return [domain[:end] for end in ends[:_JOINTS]] + [domain]


def _called(report: Report, named: Named) -> Iterable[bytes]:
    """Whoever was found is somebody we know, by whatever name."""
    if named.buyer_id is not None:
        return
    if EMAIL in report.buyer:
        yield addresses.hash_of(email_key(report.buyer[EMAIL]))
    if EXTERNAL_ID in report.buyer:
        yield hash_of_unmatched_id(report.account_key, report.buyer[EXTERNAL_ID])
        if named.account_id:
            yield hash_of_id(named.account_id, report.buyer[EXTERNAL_ID])


def _without_key(report: Report, source: str) -> Report:
    key = keyed(source, report.key)
    return replace(report, key=key, fingerprint=report.digest)


def _without_name(report: Report) -> Report:
    told = plain(report.data)
    return replace(report, buyer={}, data=told, fingerprint=report.digest)
