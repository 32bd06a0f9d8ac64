"""Invitations in the admin: a list to read, and the means to withdraw one."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import BooleanField, Case, Model, Q, QuerySet, When
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from accounts.journal import clock

from . import invite
from .models import Invitation

BOOL = BooleanField()


@admin.register(Invitation)
class InvitationAdmin(ModelAdmin):
    """No link is shown: it is the buyer's own. She gets a new one by mail."""

    list_display = (
        *("buyer", "account", "campaign", "channel", "sent_at"),
        *("seen_at", "accepted_at", "state"),
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
    show_full_result_count = False
    actions = ("revoke",)
    fields = (
        *("buyer", "account", "campaign", "channel", "reference"),
        *("created_at", "sent_at", "seen_at", "accepted_at"),
        *("expires_at", "revoked_at"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invitation]:
        expired = Q(expires_at__lte=Now())
        found: QuerySet[Invitation] = super().get_queryset(request)
        return found.annotate(
            expired=Case(When(expired, then=True), default=False, output_field=BOOL)
        )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("invitations.change_invitation")

    @action(  # type: ignore[untyped-decorator]
        description=_("Withdraw the selected invitations"), permissions=["revoke"]
    )
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        chosen = list(queryset.values_list("pk", flat=True))
        withdrawn = invite.revoke_all(chosen, clock.now())
        text = ngettext(
            "%(count)d invitation withdrawn: its links open nothing any more.",
            "%(count)d invitations withdrawn: their links open nothing any more.",
            withdrawn,
        )
        self.message_user(request, text % {"count": withdrawn}, messages.SUCCESS)

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
