"""Whom we erased, as a list that outlives a backup: it names nobody but by our number.

A restored database knows again whom it should not. The list, kept elsewhere than the
backups, tells it.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from accounts.consent import suppression
from accounts.customers.models import Buyer

from . import names
from .erase import erase
from .models import PrivacyAct


def lines() -> Iterator[str]:
    """One line of JSON for each erased person, the oldest first."""
    acts = PrivacyAct.objects.filter(act=PrivacyAct.Act.ERASED).order_by("pk")
    for act in acts.select_related("buyer").iterator():
        if act.buyer is None:
            continue
        yield json.dumps(
            {
                "buyer": str(act.buyer.uuid),
                "reason": act.reason,
                "at": act.at.isoformat(),
                "leave_alone": _is_left_alone(act.buyer),
            }
        )


def again(told: Iterable[str], at: datetime) -> int:
    """Erase those of the list who are there and are not erased; how many."""
    wanted = [json.loads(line) for line in told if line.strip()]
    return sum(_erase(one, at) for one in wanted)


def _erase(one: dict[str, Any], at: datetime) -> bool:
    buyer = Buyer.objects.filter(uuid=one["buyer"], erased_at=None).first()
    if buyer is None:
        return False
    erase(
        buyer,
        reason=one["reason"],
        by=None,
        at=at,
        leave_alone=one["leave_alone"],
    )
    return True


def _is_left_alone(buyer: Buyer) -> bool:
    return any(
        suppression.active(address).exists() for address in names.addresses_of(buyer)
    )
