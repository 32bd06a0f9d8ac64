"""Changing a campaign that runs: what it would change and for whom, then the deed."""

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.journal import clock
from accounts.staff.models import User
from campaigns.sequences.audiences import rule_forms
from campaigns.sequences.models import CampaignAct
from campaigns.sequences.planning import changes, revision
from campaigns.sequences.planning.revision_forms import RevisionForm
from campaigns.sequences.views import pages
from campaigns.sequences.views.review import SEND


@require_http_methods(["GET", "HEAD", "POST"])
@pages.needs("sequences.view_campaign")
def revise(request: HttpRequest, campaign_id: int) -> HttpResponse:
    if request.method == "POST":
        return save(request, campaign_id)
    campaign = pages.find(campaign_id)
    if campaign.state not in revision.UNDER_WAY:
        return redirect("admin:sequences_campaign_change", campaign_id)
    return _show(request, RevisionForm(campaign))


@pages.needs(SEND)
def save(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Texts are published first, with nobody waiting; the rest happens at once."""
    campaign = pages.find(campaign_id)
    form = RevisionForm(campaign, request.POST)
    try:
        revision.check(campaign)
        if problems := _hindrances(request, form):
            return _refuse(request, form, *problems)
        return _save(request, form, pages.person(request), clock.now())
    except revision.NotUnderWay:
        messages.error(
            request,
            _(
                "Nothing was changed: this campaign does not run any more, or is still "
                "taking its audience in."
            ),
        )
        return redirect("admin:sequences_campaign_change", campaign_id)
    except revision.CannotChange as hindered:
        return _refuse(request, form, *map(str, hindered.problems))
    except revision.Overtaken:
        again = RevisionForm(pages.find(campaign_id), request.POST)
        return _refuse(request, again, _overtaken())


def _save(
    request: HttpRequest, form: RevisionForm, by: User, at: datetime
) -> HttpResponse:
    campaign_id = form.campaign.pk
    texts = revision.publish(form.steps_to_publish(), by, at)
    with transaction.atomic():
        form = RevisionForm(revision.lock(campaign_id), request.POST)
        if problems := _hindrances(request, form):
            return _refuse(request, form, *problems)
        act = revision.apply(form.campaign, form.revised(texts), by, at)
    _tell(request, act)
    return redirect("admin:sequences_campaign_change", campaign_id)


def _hindrances(request: HttpRequest, form: RevisionForm) -> list[str]:
    """All at once: what she saves next is taken to have seen what stands now."""
    valid = form.is_valid()
    found = [] if valid else [_("Not saved yet: look at the fields marked in red.")]
    saves = not valid or form.is_different()
    if saves and request.POST.get("seen", "") != form.fingerprint:
        found.append(_overtaken())
    return found


def _overtaken() -> str:
    return _(
        "Not saved yet: somebody else changed this campaign, or one of its messages, "
        "while you had it open. What you typed is below; save again to keep yours."
    )


def _tell(request: HttpRequest, act: CampaignAct | None) -> None:
    if act is None:
        messages.info(request, _("There was nothing to change."))
        return
    messages.success(request, _("Changed."))
    for sentence in changes.describe(act.details):
        messages.success(request, sentence)


def _refuse(request: HttpRequest, form: RevisionForm, *problems: str) -> HttpResponse:
    for problem in problems:
        messages.error(request, problem)
    response = _show(request, form)
    response.status_code = 422
    return response


def _show(request: HttpRequest, form: RevisionForm) -> HttpResponse:
    return pages.show(
        request,
        "campaign/revise.html",
        _("Change the campaign"),
        campaign=form.campaign,
        stored_name=form.stored_name,
        form=form,
        blanks=rule_forms.blanks(),
        may_send=request.user.has_perm(SEND),
    )
