"""Whether this installation sends at all, and the administrator's word that it may."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.journal import clock
from accounts.staff.models import Role, User
from campaigns.sequences import arming
from campaigns.sequences.models import Arming
from campaigns.sequences.sending import overdue
from campaigns.sequences.sending.overdue import Choice, Decided
from campaigns.sequences.views import pages

#: So many overdue messages are shown at a time.
PAGE = 50


def may_arm(user: User) -> bool:
    return user.is_superuser or user.role == Role.ADMINISTRATOR


def notice(user: User, at: datetime) -> dict[str, Any]:
    """What the banner says; nothing while the installation may send."""
    state = arming.state()
    if state is arming.State.ARMED:
        return {}
    sentences = [_WHY[state](), _waiting(arming.overdue(at).count())]
    return {
        "disarmed": " ".join(filter(None, sentences)),
        "may_arm": may_arm(user),
    }


_WHY = {
    arming.State.DISARMED: lambda: _(
        "Nobody has allowed it yet, or its database was copied from another "
        "installation, which may be writing to the same customers."
    ),
    arming.State.WENT_BACK: lambda: _(
        "Its database was put back to an earlier time: what was sent since then is "
        "not in it."
    ),
    arming.State.CONTESTED: lambda: _(
        "Another installation is at work on the same database. Both wait until one "
        "of them is switched off."
    ),
}


def _waiting(number: int) -> str:
    if not number:
        return ""
    told = ngettext(
        "%(count)d message is overdue: somebody decides what becomes of it.",
        "%(count)d messages are overdue: somebody decides what becomes of them.",
        number,
    )
    return told % {"count": number}


@require_safe
@pages.needs("sequences.view_campaign")
def show(request: HttpRequest) -> HttpResponse:
    """Whether it sends, what is overdue, and the form that decides."""
    user, at = pages.person(request), clock.now()
    state = arming.state()
    may_see = user.has_perm("sequences.view_delivery")
    people = overdue.find(at).select_related(
        "buyer__account", "step__message", "message_version__message"
    )
    page = Paginator(people.order_by("due_at", "pk"), PAGE).get_page(
        request.GET.get("page")
    )
    return pages.show(
        request,
        "sending/arming.html",
        _("Permission to send"),
        at=at,
        state=str(state),
        why=_WHY[state]() if state in _WHY else "",
        arming=Arming.objects.select_related("armed_by").first(),
        overdue=overdue.summarise(at),
        page=page if may_see else None,
        may_arm=may_arm(user),
        hours=(1, 4, 8, 24, 48),
    )


@require_POST
@never_cache
def arm(request: HttpRequest) -> HttpResponse:
    user = pages.person(request)
    if not may_arm(user):
        raise PermissionDenied
    if "confirm" not in request.POST:
        messages.error(request, _("Tick the box to confirm."))
        return redirect("sending:arming")
    if arming.state() is arming.State.CONTESTED:
        messages.error(request, _WHY[arming.State.CONTESTED]())
        return redirect("sending:arming")
    try:
        decided = overdue.arm(
            user,
            clock.now(),
            choice=_choice(request.POST),
            hours=pages.number(request.POST, "hours") or 4,
            note=pages.text(request.POST, "note", 300),
        )
    except overdue.DecisionMissing:
        messages.error(request, _("Say what becomes of the overdue messages."))
    except overdue.StillPlanning:
        messages.error(
            request, _("So much is due that it is still being planned. Try again.")
        )
    else:
        _tell(request, decided)
    return redirect("sending:arming")


def _choice(data: QueryDict) -> Choice | None:
    said = pages.text(data, "overdue")
    return Choice(said) if said in set(Choice) else None


def _tell(request: HttpRequest, decided: Decided) -> None:
    messages.success(request, _("This installation sends from now on."))
    if decided.to_send or decided.not_sent:
        told = _(
            "Overdue messages that go out by and by: %(to_send)d. Not sent: "
            "%(not_sent)d."
        )
        facts = {"to_send": decided.to_send, "not_sent": decided.not_sent}
        messages.info(request, told % facts)


@require_POST
@never_cache
def disarm(request: HttpRequest) -> HttpResponse:
    """Stop all sending from here, until somebody arms it anew."""
    user = pages.person(request)
    if not may_arm(user):
        raise PermissionDenied
    if "confirm" in request.POST:
        overdue.disarm(user, clock.now(), pages.text(request.POST, "note", 300))
        messages.success(request, _("This installation does not send any more."))
    else:
        messages.error(request, _("Tick the box to confirm."))
    return redirect("sending:arming")
