"""Messages of an unknown fate: looked at, and settled by a person with evidence."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.journal import clock
from campaigns.sequences import reasons
from campaigns.sequences.models import Campaign, Delivery
from campaigns.sequences.sending import unknown as unknowns
from campaigns.sequences.sending.unknown import Finding
from campaigns.sequences.views import pages
from campaigns.sequences.views.review import SEND

PAGE = 50

FINDINGS = {
    Finding.ACCEPTED: gettext_lazy("The provider has it: count it as sent"),
    Finding.NOT_SENT: gettext_lazy("The provider never got it: leave it unsent"),
    Finding.SEND_AGAIN: gettext_lazy("The provider never got it: send it now, once"),
}


@require_safe
@pages.needs("sequences.view_delivery")
def unknown(request: HttpRequest) -> HttpResponse:
    """The whole list, or that of one campaign."""
    found = Delivery.objects.unknown().select_related(
        "buyer__account", "step__message", "message_version__message", "campaign"
    )
    number = pages.number(request.GET, "campaign")
    if number is not None:
        found = found.filter(campaign=number)
    page = Paginator(found.order_by("pk"), PAGE).get_page(request.GET.get("page"))
    return pages.show(
        request,
        "campaign/unknown.html",
        _("Unknown fate"),
        campaign=_campaign(number),
        rows=[(row, reasons.label(row.reason)) for row in page.object_list],
        page=page,
        findings=FINDINGS.items(),
        may_settle=request.user.has_perm(SEND),
    )


def _campaign(number: int | None) -> Campaign | None:
    if number is None:
        return None
    return Campaign.objects.filter(pk=number).first()


@require_POST
@pages.needs(SEND)
def settle(request: HttpRequest) -> HttpResponse:
    """Settle those that were ticked; one that somebody settled before stays so."""
    ids = [
        int(one)
        for one in request.POST.getlist("delivery")
        if one.isascii() and one.isdecimal() and len(one) < 19
    ]
    finding = pages.text(request.POST, "finding")
    if not ids or finding not in FINDINGS:
        messages.error(request, _("Tick the messages, and say what you found out."))
        return redirect(_back(request.POST))
    try:
        number = unknowns.settle(
            ids,
            Finding(finding),
            by=pages.person(request),
            note=pages.text(request.POST, "note", 300),
            at=clock.now(),
        )
    except unknowns.NoteMissing:
        messages.error(request, _("Say how you know, so that others can follow it."))
    else:
        told = ngettext("%(count)d settled.", "%(count)d settled.", number)
        messages.success(request, told % {"count": number})
    return redirect(_back(request.POST))


def _back(data: QueryDict) -> str:
    number = pages.number(data, "campaign")
    query = f"?campaign={number}" if number is not None else ""
    return reverse("admin:sequences_campaign_unknown") + query
