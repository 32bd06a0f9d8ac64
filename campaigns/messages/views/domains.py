"""Senders' domains: what DNS says about them, and what to do."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.journal import clock
from campaigns.messages import domains
from campaigns.messages.domains import asking, senders, standing
from campaigns.messages.domains.findings import Finding, Level
from campaigns.messages.models import SenderDomain

from . import pages

LIST = "admin:campaign_messages_senderdomain_changelist"


@dataclass(frozen=True, slots=True)
class Shown:
    """A domain on the page; ``row`` None: nobody has checked it yet."""

    domain: str
    brands: str
    row: SenderDomain | None
    findings: list[Finding]
    stale: bool

    @property
    def level(self) -> str:
        return senders.worst(self.findings)

    @property
    def lines(self) -> list[tuple[Finding, datetime | None]]:
        """Each finding, and of one that is not good since when it is so."""
        return [(one, self._since(one)) for one in self.findings]

    def _since(self, finding: Finding) -> datetime | None:
        if self.row is None or finding.level not in {Level.WARN, Level.BAD}:
            return None
        return standing.begun(self.row, finding.subject)


@require_safe
@pages.needs(pages.VIEW)
def show(request: HttpRequest) -> HttpResponse:
    at = clock.now()
    rows = {
        row.domain: row for row in SenderDomain.objects.select_related("checked_by")
    }
    shown = [
        Shown(
            domain,
            ", ".join(brands),
            row := rows.get(domain),
            [Finding.of(one) for one in row.findings] if row else [],
            domains.stale(row.checked_at if row else None, at),
        )
        for domain, brands in senders.used().items()
    ]
    return pages.show(
        request,
        "domains.html",
        _("Senders' domains"),
        shown=shown,
        provider=senders.provider(),
        may_check=request.user.has_perm(pages.CHANGE),
    )


@require_POST
@pages.needs(pages.CHANGE)
def check(request: HttpRequest) -> HttpResponse:
    """Ask DNS now, and keep the answer."""
    domain = request.POST.get("domain", "")
    if domain not in senders.used():
        messages.error(request, _("No brand writes from that domain."))
        return redirect(LIST)
    try:
        selectors = senders.read_selectors(request.POST.get("selectors", ""))
    except ValueError:
        messages.error(
            request,
            _("A selector is one word of letters, digits and dashes, such as brevo1."),
        )
        return redirect(LIST)
    row = asking.ask(domain, selectors, by=pages.person(request), at=clock.now())
    level = senders.worst([Finding.of(one) for one in row.findings])
    if level == "good":
        messages.success(request, _("%(domain)s is in order.") % {"domain": domain})
    else:
        told = _("%(domain)s: see below what to do.") % {"domain": domain}
        messages.warning(request, told)
    return redirect(LIST)
