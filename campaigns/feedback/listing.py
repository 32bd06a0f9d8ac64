"""The messages behind a number as rows of a file."""

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet
from django.utils.timezone import get_current_timezone_name, localtime
from django.utils.translation import gettext as _

from campaigns.sequences.models import Delivery


def lines(found: QuerySet[Delivery]) -> Iterator[Sequence[object]]:
    """The first one names the columns."""
    yield (
        _("Customer number"),
        _("Account"),
        _("First name"),
        _("Last name"),
        _("E-mail address"),
        _("Step"),
        _("Sent (%(zone)s)") % {"zone": get_current_timezone_name()},
    )
    for row in found.iterator(chunk_size=2_000):
        buyer = row.buyer
        yield (
            buyer.account.number,
            buyer.account.name,
            buyer.first_name,
            buyer.last_name,
            buyer.email,
            str(row.step),
            localtime(row.sent_at).strftime("%Y-%m-%d %H:%M") if row.sent_at else "",
        )
