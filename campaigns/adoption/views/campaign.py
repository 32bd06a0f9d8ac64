"""What came of one campaign: its funnel and rates."""

from itertools import product

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _

from accounts.journal import clock
from campaigns.adoption import sheets
from campaigns.adoption.figures import report
from campaigns.adoption.frames import Frame, Unit
from campaigns.adoption.funnel import funnel
from campaigns.adoption.passage import Group
from campaigns.adoption.views.access import reader, send, show
from campaigns.sequences.models import Campaign


@reader
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    found = get_object_or_404(Campaign, pk=campaign_id)
    frame = Frame(clock.now(), campaign_id=found.pk)
    group = _group(request)
    return show(
        request,
        "campaign.html",
        _("Results of %(campaign)s") % {"campaign": found.name},
        campaign=found,
        frame=frame,
        group=group,
        other=Group.ALREADY if group is Group.NEW else Group.NEW,
        funnels=[funnel(frame, unit, group) for unit in Unit],
        report=report(frame),
    )


@reader
def funnel_csv(request: HttpRequest, campaign_id: int) -> HttpResponseBase:
    found = get_object_or_404(Campaign, pk=campaign_id)
    frame = Frame(clock.now(), campaign_id=found.pk)
    funnels = (funnel(frame, unit, group) for unit, group in product(Unit, Group))
    return send(request, f"campaign-{found.pk}-funnel", sheets.of_funnels(funnels))


def _group(request: HttpRequest) -> Group:
    asked = request.GET.get("group", Group.NEW)
    return Group(asked) if asked in Group.values else Group.NEW
