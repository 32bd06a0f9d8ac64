"""Planning a campaign: begin a draft, change it, see whom it reaches meanwhile."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.journal import clock
from campaigns.messages.models import Message
from campaigns.sequences.audiences import rule_forms
from campaigns.sequences.models import Campaign
from campaigns.sequences.planning import drafts, playbooks
from campaigns.sequences.planning.forms import DraftForm
from campaigns.sequences.views import audiences, pages


@require_http_methods(["GET", "HEAD", "POST"])
@pages.needs("sequences.add_campaign")
def begin(request: HttpRequest) -> HttpResponse:
    """A new draft: empty, or from a playbook with its messages."""
    if request.method == "POST":
        return _make(request)
    return pages.show(
        request,
        "campaign/begin.html",
        _("New campaign"),
        playbooks=playbooks.all(),
    )


def _make(request: HttpRequest) -> HttpResponseRedirect:
    name = pages.text(request.POST, "name") or _("New campaign")
    playbook = playbooks.find(pages.text(request.POST, "playbook"))
    if playbook is None:
        campaign = drafts.make(name)
    else:
        try:
            campaign = playbooks.apply(playbook, name)
        except playbooks.NoBrand:
            messages.error(request, _("First say who writes: enter your brand."))
            return redirect("admin:campaign_messages_brand_add")
        messages.success(
            request,
            _("The steps and their messages are laid out. Read them and change them."),
        )
    return redirect("admin:sequences_campaign_change", campaign.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@pages.needs("sequences.change_campaign")
def edit(request: HttpRequest, campaign_id: int) -> HttpResponse:
    if request.method == "POST":
        return _save(request, campaign_id)
    campaign = pages.find(campaign_id)
    return _form(request, campaign, DraftForm(campaign, clock.now()))


def _save(request: HttpRequest, campaign_id: int) -> HttpResponse:
    try:
        with transaction.atomic():
            campaign = drafts.lock(campaign_id)
            seen = drafts.fingerprint(campaign)
            form = DraftForm(campaign, clock.now(), request.POST)
            problems = _hindrances(request, form, seen)
            if not problems:
                form.save()
                return _saved(request, campaign)
    except drafts.NotADraft:
        messages.error(
            request, _("This campaign was started meanwhile; its plan stays as it is.")
        )
        return redirect("admin:sequences_campaign_change", campaign_id)
    for problem in problems:
        messages.error(request, problem)
    return _form(request, campaign, form, seen=seen, status=422)


def _hindrances(request: HttpRequest, form: DraftForm, seen: str) -> list[str]:
    """All at once: what she saves next is taken to have seen what stands now."""
    found = []
    if not form.is_valid():
        found.append(_("Not saved yet: look at the fields marked in red."))
    if request.POST.get("seen", "") != seen:
        found.append(
            _(
                "Not saved yet: somebody else changed this draft while you had it "
                "open. What you typed is below; save again to keep yours."
            )
        )
    return found


def _saved(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    messages.success(request, _("Saved."))
    if "review" in request.POST:
        return redirect("admin:sequences_campaign_review", campaign.pk)
    return redirect("admin:sequences_campaign_change", campaign.pk)


def _form(
    request: HttpRequest,
    campaign: Campaign,
    form: DraftForm,
    *,
    seen: str = "",
    status: int = 200,
) -> HttpResponse:
    response = pages.show(
        request,
        "campaign/edit.html",
        campaign.name,
        campaign=campaign,
        form=form,
        seen=seen or drafts.fingerprint(campaign),
        blanks=rule_forms.blanks(),
        may_delete=request.user.has_perm("sequences.delete_campaign"),
        has_messages=Message.objects.exists(),
        addresses=_addresses(),
        **audiences.figures(
            form.rule, clock.now(), goal=_goal(form), campaign_id=campaign.pk
        ),
    )
    response.status_code = status
    return response


def _goal(form: DraftForm) -> str:
    """The goal as it stands on the page, saved or not."""
    return str(form.frame["goal"].value() or "")


def _addresses() -> dict[str, Any]:
    return {
        "count": reverse("admin:sequences_campaign_count"),
        "names": reverse("admin:sequences_campaign_names"),
        "message": reverse("admin:campaign_messages_message_change", args=[0]),
    }


@require_POST
@pages.needs("sequences.add_campaign")
def copy(request: HttpRequest, campaign_id: int) -> HttpResponse:
    campaign = pages.find(campaign_id)
    name = _("Copy of %(name)s") % {"name": campaign.name}
    twin = drafts.copy(campaign, name[:100])
    messages.success(request, _("This is the copy: a draft, nothing is sent."))
    return redirect("admin:sequences_campaign_change", twin.pk)
