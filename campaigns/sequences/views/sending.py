"""Whether this installation sends at all, and the administrator's word that it may."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.journal import clock
from accounts.staff.models import Role, User
from campaigns.sequences import arming
from campaigns.sequences.views import pages


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
        "may_arm": may_arm(user) and state is arming.State.DISARMED,
    }


_WHY = {
    arming.State.DISARMED: lambda: _(
        "Nobody has allowed it yet, or its database was copied from another "
        "installation, which may be writing to the same customers."
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
        "%(count)d message is overdue and would go out, or be passed over as too "
        "late, at once.",
        "%(count)d messages are overdue and would go out, or be passed over as too "
        "late, at once.",
        number,
    )
    return told % {"count": number}


@require_POST
@never_cache
def arm(request: HttpRequest) -> HttpResponse:
    user = pages.person(request)
    if not may_arm(user):
        raise PermissionDenied
    if "confirm" in request.POST:
        arming.arm(user, clock.now())
        messages.success(request, _("This installation sends from now on."))
    else:
        messages.error(request, _("Tick the box to confirm."))
    return redirect("admin:index")
