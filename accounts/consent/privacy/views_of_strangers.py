"""Found by an address or by the store's id: buyers, who was erased, and who is named
but is no buyer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.consent import suppression
from accounts.customers import addresses, clock
from accounts.customers.models import Account, Buyer
from accounts.customers.views import pages

from . import files, names, registry, strangers, tasks
from .forms import EraseForm
from .models import ErasedName, PrivacyAct
from .people import Person
from .registry import Fate, Holding
from .views import ERASE, EXPORT, FOLDER, download, of_fate

#: A store may count anew in each company: one id, thousands of people.
MOST = 50


@dataclass(frozen=True)
class Stranger:
    """Who was asked for and is no buyer, as the page shows her."""

    person: Person

    @property
    def by_address(self) -> bool:
        return bool(self.person.emails)

    @property
    def token(self) -> str:
        """By which a form tells those who were found under the same words apart."""
        return "" if self.by_address else f"id:{self.person.account_number}"

    @property
    def company(self) -> str:
        """A number, where we have no such customer."""
        account = Account.objects.filter(pk=self.person.account_id).first()
        return str(account or self.person.account_number or _("no known company"))

    @cached_property
    def held(self) -> list[tuple[Holding, int]]:
        return strangers.held(self.person)

    @property
    def is_named(self) -> bool:
        """By more than a hash."""
        return any(not each.by_hash for each, _number in self.held)

    @property
    def goes(self) -> list[tuple[Holding, int]]:
        named = [(each, number) for each, number in self.held if not each.by_hash]
        return of_fate(named, Fate.GOES, Fate.BLANKED)

    @property
    def stays(self) -> list[tuple[Holding, int]]:
        goes = self.goes
        return [one for one in self.held if one not in goes]


def _asked(request: HttpRequest) -> str:
    return request.POST.get("address", "").replace("\0", "").strip()


def _strangers(request: HttpRequest) -> list[Stranger]:
    """All who were asked for; or the one whom a form has chosen of them."""
    asked, token = _asked(request), request.POST.get("whom")
    by_address = strangers.find(asked)
    people = [*([by_address] if by_address else []), *strangers.find_called(asked)]
    found = [Stranger(person) for person in people]
    if token is not None:
        return [one for one in found if one.token == token]
    # An id was found because it stands somewhere; an address need not.
    named = [one for one in found if not one.by_address or one.is_named]
    return named[:MOST] or found[:1]


@require_POST
@pages.needs(EXPORT)
def find(request: HttpRequest) -> HttpResponseBase:
    """By what comes by POST, so that no log holds it."""
    return _show_found(request)


def _show_found(request: HttpRequest, **context: Any) -> HttpResponseBase:
    asked, found = _asked(request), _strangers(request)
    one = found[0] if len(found) == 1 else None
    by_address = one is None or one.by_address
    context.setdefault("form", EraseForm(wanted=asked, by_address=by_address))
    return pages.show(
        request,
        f"{FOLDER}/found.html",
        _("Personal data"),
        asked=asked,
        found=_buyers(asked),
        stranger=one,
        strangers=found if len(found) > 1 else (),
        most=MOST,
        may_erase=request.user.has_perm(ERASE),
        **_known(asked),
        **context,
    )


def _buyers(asked: str) -> Sequence[Buyer]:
    if not asked:
        return ()
    named = Q(email_key=addresses.folded(asked)) | Q(external_id=asked)
    found = Buyer.objects.filter(named).select_related("account").order_by("pk")
    return list(found[:MOST])


def _known(asked: str) -> dict[str, Any]:
    """What is known of who was erased, and of the address, by hashes alone."""
    hashed = addresses.hash_of(addresses.folded(asked))
    hashes = [hashed, *names.called(asked)]
    erased = ErasedName.objects.filter(hash__in=hashes)
    return {
        "erased": Buyer.objects.filter(pk__in=erased.values("buyer")),
        "erased_unknown": erased.filter(buyer=None).exists(),
        "suppressed": list(suppression.active(hashed)),
    }


@require_POST
@pages.needs(EXPORT)
def hand_out_unknown(request: HttpRequest) -> HttpResponseBase:
    """What names somebody who is no buyer."""
    found = _strangers(request)
    if len(found) != 1:
        return _show_found(request)
    by, at = pages.person(request), clock.now()
    return download(strangers.hand_out(found[0].person, by, at), "personal-data.zip")


@require_POST
@pages.needs(ERASE)
def erase_unknown(request: HttpRequest) -> HttpResponseBase:
    found = _strangers(request)
    if len(found) != 1:
        return _show_found(request)
    stranger = found[0]
    form = EraseForm(
        request.POST, wanted=_asked(request), by_address=stranger.by_address
    )
    if not form.is_valid():
        return _show_found(request, form=form)
    try:
        act = strangers.erase_unknown(
            stranger.person,
            reason=form.cleaned_data["reason"],
            by=pages.person(request),
            at=clock.now(),
            leave_alone=form.cleaned_data.get("leave_alone", False),
        )
    except OperationalError:
        return _show_found(request, form=form, busy=True)
    if act is None:
        return _show_found(request)
    tasks.ring_on_commit(act.pk)
    return redirect("admin:consent_privacyact_unknown", act.pk)


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
