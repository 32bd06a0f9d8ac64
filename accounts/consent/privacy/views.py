"""A person's requests in the admin: find her, see what is held, hand it out."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.customers import addresses, clock
from accounts.customers.models import Buyer
from accounts.customers.views import pages

from . import export, registry
from .models import PrivacyAct
from .people import known
from .registry import Fate, Holding

EXPORT, ERASE = "consent.export_person", "consent.erase_person"
FOLDER = "../consent/privacy"


@require_safe
@pages.needs(EXPORT)
def show(request: HttpRequest, buyer_id: int) -> HttpResponseBase:
    """What is held about one person, and what would become of it."""
    return show_person(request, _find(buyer_id))


def show_person(request: HttpRequest, buyer: Buyer, **context: Any) -> HttpResponseBase:
    person = known(buyer)
    counted = [(each, each.of(person).count()) for each in registry.registered()]
    held = [(each, number) for each, number in counted if number]
    return pages.show(
        request,
        f"{FOLDER}/person.html",
        _("Personal data"),
        buyer=buyer,
        goes=_of_fate(held, Fate.GOES, Fate.BLANKED),
        stays=_of_fate(held, Fate.STAYS),
        acts=buyer.privacy_acts.select_related("by"),
        **context,
    )


def _of_fate(
    held: Sequence[tuple[Holding, int]], *fates: Fate
) -> list[tuple[Holding, int]]:
    return [(each, number) for each, number in held if each.fate in fates]


@require_POST
@pages.needs(EXPORT)
def hand_out(request: HttpRequest, buyer_id: int) -> HttpResponseBase:
    """In her own language: it is for her."""
    buyer = _find(buyer_id)
    with translation.override(buyer.language):
        file = export.hand_out(
            buyer,
            PrivacyAct.Reason.REQUEST,
            by=pages.person(request),
            at=clock.now(),
        )
    name = f"personal-data-{buyer.pk}.zip"
    return HttpResponse(
        file,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
@pages.needs(EXPORT)
def find(request: HttpRequest) -> HttpResponseBase:
    """By an address, which comes by POST so that no log holds it."""
    asked = request.POST.get("address", "").strip()
    key = addresses.key_of(asked)
    found = Buyer.objects.filter(email_key=key) if key else Buyer.objects.none()
    return pages.show(
        request,
        f"{FOLDER}/found.html",
        _("Personal data"),
        asked=asked,
        found=found.select_related("account"),
    )


def _find(buyer_id: int) -> Buyer:
    return get_object_or_404(Buyer.objects.select_related("account"), pk=buyer_id)
