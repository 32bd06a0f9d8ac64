"""Invitations in the admin: a list to read, and the means to withdraw one."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import BooleanField, Case, Q, QuerySet, When
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display

from accounts.customers.admin import when
from accounts.journal import clock
from accounts.staff.readonly import ReadOnly

from . import invite
from .models import Invitation

BOOL = BooleanField()
#: So many names stand on the page that asks; the rest is counted.
SHOWN = 200


def _moment(name: str) -> Any:
    """A column with an instant and its zone, as every time is shown."""
    label = Invitation._meta.get_field(name).verbose_name  # type: ignore[union-attr]

    @admin.display(description=label, ordering=name)
    def show(self: Any, invitation: Invitation) -> str:
        return when(getattr(invitation, name))

    return show


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    """No link is shown: it is the buyer's own. She gets a new one by mail."""

    list_display = (
        *("buyer", "account", "campaign", "channel", "sent"),
        *("seen", "accepted", "state"),
    )
    list_filter = (
        "channel",
        ("sent_at", admin.EmptyFieldListFilter),
        ("accepted_at", admin.EmptyFieldListFilter),
        ("revoked_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("buyer", "account", "campaign")
    search_fields = (
        *("buyer__email_key", "buyer__first_name", "buyer__last_name"),
        *("account__name", "account__number_key"),
    )
    list_per_page = 50
    actions = ("revoke",)
    fields = (
        *("buyer", "account", "campaign", "channel", "reference"),
        *("created", "sent", "seen", "accepted", "expires", "revoked"),
    )

    created = _moment("created_at")
    sent = _moment("sent_at")
    seen = _moment("seen_at")
    accepted = _moment("accepted_at")
    expires = _moment("expires_at")
    revoked = _moment("revoked_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        expired = Q(expires_at__lte=Now())
        found: QuerySet[Invitation] = super().get_queryset(request)
        return found.annotate(
            expired=Case(When(expired, then=True), default=False, output_field=BOOL)
        )

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("invitations.change_invitation")

    @action(  # type: ignore[untyped-decorator]
        description=_("Withdraw the selected invitations"), permissions=["revoke"]
    )
    def revoke(
        self, request: HttpRequest, queryset: QuerySet[Invitation]
    ) -> HttpResponse | None:
        if "confirm" not in request.POST:
            return self._ask(request, queryset)
        chosen = list(queryset.values_list("pk", flat=True))
        withdrawn = invite.revoke_all(chosen, clock.now())
        text = ngettext(
            "%(count)d invitation withdrawn: its links open nothing any more.",
            "%(count)d invitations withdrawn: their links open nothing any more.",
            withdrawn,
        )
        self.message_user(request, text % {"count": withdrawn}, messages.SUCCESS)
        return None

    def _ask(
        self, request: HttpRequest, queryset: QuerySet[Invitation]
    ) -> HttpResponse:
        """Whose links would be withdrawn, before anything is."""
        # In the order and with the joins of the list.
        shown = queryset.select_related("buyer", "account")[:SHOWN]
        count = queryset.count()
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            "admin/invitations/withdraw.html",
            {
                **self.admin_site.each_context(request),
                "title": _("Withdraw invitations"),
                "shown": shown,
                "count": count,
                "more": max(count - SHOWN, 0),
                "chosen": request.POST.getlist("_selected_action"),
                "across": request.POST.get("select_across", "0"),
            },
        )

    @display(  # type: ignore[untyped-decorator]
        description=_("state"),
        label={"valid": "success", "expired": "warning", "revoked": "danger"},
    )
    def state(self, invitation: Invitation) -> tuple[str, Any]:
        if invitation.revoked_at:
            return "revoked", _("Withdrawn")
        if getattr(invitation, "expired", False):
            return "expired", _("Expired")
        return "valid", _("Valid")
