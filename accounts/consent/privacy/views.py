"""A person's requests in the admin: find her, see what is held, hand out, erase."""

from collections.abc import Sequence
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.customers import clock
from accounts.customers.models import Buyer
from accounts.customers.views import pages

from . import erase as erasure
from . import export as exports
from . import files, registry, tasks
from .forms import EraseForm
from .models import PrivacyAct
from .people import known
from .registry import Fate, Holding

EXPORT, ERASE = "consent.export_person", "consent.erase_person"
FOLDER = "../consent/privacy"


@require_safe
@pages.needs(EXPORT)
def show(request: HttpRequest, buyer_id: int) -> HttpResponseBase:
    """What is held about one person, and what would become of it."""
    buyer = _find(buyer_id)
    return show_person(request, buyer, form=EraseForm(wanted=_wanted(buyer)))


def show_person(request: HttpRequest, buyer: Buyer, **context: Any) -> HttpResponseBase:
    person = known(buyer)
    counted = [(each, each.of(person).count()) for each in registry.registered()]
    held = [(each, number) for each, number in counted if number]
    acts = list(buyer.privacy_acts.select_related("by"))
    erased = next((act for act in acts if act.act == PrivacyAct.Act.ERASED), None)
    return pages.show(
        request,
        f"{FOLDER}/{'erased' if erased else 'person'}.html",
        _("Personal data"),
        buyer=buyer,
        goes=of_fate(held, Fate.GOES, Fate.BLANKED),
        stays=of_fate(held, Fate.STAYS),
        held=held,
        acts=acts,
        erased=erased,
        files=files.count(erased) if erased and not erased.finished_at else 0,
        on_the_wire=registry.on_the_wire(buyer.pk) if erased else 0,
        under_way=registry.under_way(person),
        colleagues=_sharing(buyer),
        may_erase=request.user.has_perm(ERASE),
        **context,
    )


def _wanted(buyer: Buyer) -> str:
    """Her address, or her name, or else her number."""
    return buyer.email or buyer.full_name or str(buyer.pk)


def _sharing(buyer: Buyer) -> Sequence[Buyer]:
    """Others who read the same mailbox."""
    if not buyer.email_key:
        return ()
    found = Buyer.objects.filter(email_key=buyer.email_key).exclude(pk=buyer.pk)
    return list(found.select_related("account")[:10])


def of_fate(
    held: Sequence[tuple[Holding, int]], *fates: Fate
) -> list[tuple[Holding, int]]:
    return [(each, number) for each, number in held if each.fate in fates]


@require_POST
@pages.needs(EXPORT)
def hand_out(request: HttpRequest, buyer_id: int) -> HttpResponseBase:
    """In her own language: it is for her."""
    buyer = _find(buyer_id)
    with translation.override(buyer.language):
        file = exports.hand_out(
            buyer,
            PrivacyAct.Reason.REQUEST,
            by=pages.person(request),
            at=clock.now(),
        )
    return download(file, f"personal-data-{buyer.pk}.zip")


def download(file: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        file,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
@pages.needs(ERASE)
def erase(request: HttpRequest, buyer_id: int) -> HttpResponseBase:
    """Twice, it was done once: the page says by whom and when."""
    buyer = _find(buyer_id)
    form = EraseForm(request.POST, wanted=_wanted(buyer))
    if buyer.erased_at is None and not form.is_valid():
        return show_person(request, buyer, form=form)
    if buyer.erased_at is None:
        try:
            act = erasure.erase(
                buyer,
                reason=form.cleaned_data["reason"],
                by=pages.person(request),
                at=clock.now(),
                leave_alone=form.cleaned_data["leave_alone"],
            )
        except OperationalError:
            return show_person(request, buyer, form=form, busy=True)
        tasks.ring_on_commit(act.pk)
    return redirect("admin:consent_privacyact_of", buyer.pk)


def _find(buyer_id: int) -> Buyer:
    return get_object_or_404(Buyer.objects.select_related("account"), pk=buyer_id)
