"""Found by an address: buyers, who was erased, and who is named but is no buyer."""

from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.consent import suppression
from accounts.customers import addresses, clock
from accounts.customers.models import Buyer
from accounts.customers.views import pages

from . import files, names, registry, strangers, tasks
from .forms import EraseForm
from .models import ErasedName, PrivacyAct
from .people import Person
from .registry import Fate
from .views import ERASE, EXPORT, FOLDER, download, of_fate


@require_POST
@pages.needs(EXPORT)
def find(request: HttpRequest) -> HttpResponseBase:
    """By an address, which comes by POST so that no log holds it."""
    return _show_found(request)


def _show_found(request: HttpRequest, **context: Any) -> HttpResponseBase:
    asked = request.POST.get("address", "").strip()
    key = addresses.key_of(asked)
    found = Buyer.objects.filter(email_key=key) if key else Buyer.objects.none()
    hashed = addresses.hash_of(key)
    erased = ErasedName.objects.filter(hash=hashed, kind=names.Kind.ADDRESS)
    stranger = strangers.find(asked)
    held = strangers.held(stranger) if stranger else []
    named = [(each, number) for each, number in held if not each.by_hash]
    goes = of_fate(named, Fate.GOES, Fate.BLANKED)
    context.setdefault("form", EraseForm(wanted=asked))
    return pages.show(
        request,
        f"{FOLDER}/found.html",
        _("Personal data"),
        asked=asked,
        found=found.select_related("account"),
        erased=Buyer.objects.filter(pk__in=erased.values("buyer")),
        erased_unknown=erased.filter(buyer=None).exists(),
        suppressed=list(suppression.active(hashed)),
        is_named=bool(named),
        goes=goes,
        stays=[one for one in held if one not in goes],
        may_erase=request.user.has_perm(ERASE),
        **context,
    )


@require_POST
@pages.needs(EXPORT)
def hand_out_unknown(request: HttpRequest) -> HttpResponseBase:
    """What names somebody who is no buyer."""
    stranger = _asked_of(request)
    if stranger is None:
        return _show_found(request)
    file = strangers.hand_out(stranger, pages.person(request), clock.now())
    return download(file, "personal-data.zip")


@require_POST
@pages.needs(ERASE)
def erase_unknown(request: HttpRequest) -> HttpResponseBase:
    stranger = _asked_of(request)
    form = EraseForm(request.POST, wanted=request.POST.get("address", "").strip())
    if stranger is None or not form.is_valid():
        return _show_found(request, form=form)
    try:
        act = strangers.erase_unknown(
            stranger,
            reason=form.cleaned_data["reason"],
            by=pages.person(request),
            at=clock.now(),
            leave_alone=form.cleaned_data["leave_alone"],
        )
    except OperationalError:
        return _show_found(request, form=form, busy=True)
    if act is None:
        return _show_found(request)
    tasks.ring_on_commit(act.pk)
    return redirect("admin:consent_privacyact_unknown", act.pk)


def _asked_of(request: HttpRequest) -> Person | None:
    return strangers.find(request.POST.get("address", "").strip())


@require_safe
@pages.needs(EXPORT)
def show_unknown(request: HttpRequest, act_id: int) -> HttpResponseBase:
    """What was done about somebody who was no buyer; it says nothing of her."""
    act = get_object_or_404(PrivacyAct.objects.select_related("by"), pk=act_id)
    if act.buyer_id is not None:
        return redirect("admin:consent_privacyact_of", act.buyer_id)
    return pages.show(
        request,
        f"{FOLDER}/unknown.html",
        _("Personal data"),
        act=act,
        acts=[act],
        counted=[
            (each, number)
            for each in registry.registered()
            if (number := act.counts.get(each.model._meta.label_lower))
        ],
        files=0 if act.finished_at else files.count(act),
    )
