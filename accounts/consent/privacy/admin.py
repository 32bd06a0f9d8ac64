"""Privacy requests in the admin: what was done, and where one begins.

The way to a person's data also stands on the buyer's own page, which lies below.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from accounts.customers.admin import BuyerAdmin, when
from accounts.staff.readonly import ReadOnly

from . import views, views_of_strangers
from .models import PrivacyAct


@admin.register(PrivacyAct)
class PrivacyActAdmin(ReadOnly):
    list_before_template = "admin/consent/privacy/head.html"
    list_display = ("done_at", "act", "person", "account", "reason", "by", "state")
    list_filter = ("act", "reason")
    list_select_related = ("buyer__account", "by")
    list_per_page = 50
    search_fields = ("buyer__account__number_key", "buyer__account__name")
    search_help_text = _("Customer number or name of the company")
    actions = None

    def has_view_permission(
        self, request: HttpRequest, obj: PrivacyAct | None = None
    ) -> bool:
        return request.user.has_perm(views.EXPORT)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(views.EXPORT)

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **options: Any
    ) -> HttpResponseBase:
        """What was done stands on the person's own page."""
        act = self.get_object(request, object_id)
        if act is None or not self.has_view_permission(request):
            return redirect("admin:consent_privacyact_changelist")
        return redirect("admin:consent_privacyact_unknown", act.pk)

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = [
            path(
                "find/", guard(views_of_strangers.find), name="consent_privacyact_find"
            ),
            path(
                "unknown/export",
                guard(views_of_strangers.hand_out_unknown),
                name="consent_privacyact_export_unknown",
            ),
            path(
                "unknown/erase",
                guard(views_of_strangers.erase_unknown),
                name="consent_privacyact_erase_unknown",
            ),
            path(
                "unknown/<int:act_id>/",
                guard(views_of_strangers.show_unknown),
                name="consent_privacyact_unknown",
            ),
            path("of/<int:buyer_id>/", guard(views.show), name="consent_privacyact_of"),
            path(
                "of/<int:buyer_id>/export",
                guard(views.hand_out),
                name="consent_privacyact_export",
            ),
            path(
                "of/<int:buyer_id>/erase",
                guard(views.erase),
                name="consent_privacyact_erase",
            ),
        ]
        return [*own, *super().get_urls()]

    @admin.display(description=_("when"), ordering="at")
    def done_at(self, row: PrivacyAct) -> str:
        return when(row.at)

    @admin.display(description=_("buyer"))
    def person(self, row: PrivacyAct) -> str:
        return str(row.buyer or _("No buyer of ours"))

    @admin.display(description=_("account"))
    def account(self, row: PrivacyAct) -> str:
        return str(row.buyer.account) if row.buyer else "–"

    @admin.display(description=_("state"))
    def state(self, row: PrivacyAct) -> str:
        return str(_("Done") if row.finished_at else _("Under way"))


BuyerAdmin.change_form_outer_before_template = "admin/consent/privacy/way.html"
