"""Limits and rules of sending in the admin, and the page of what is going on."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from accounts.journal import clock
from campaigns.sequences import reasons
from campaigns.sequences.brakes import lanes
from campaigns.sequences.limit_forms import LaneForm, RulesForm
from campaigns.sequences.models import Lane, SendingAct, SendingRules
from campaigns.sequences.views import pages
from campaigns.sequences.views.review import SEND

_Act = SendingAct.Act


class _ForSenders(ModelAdmin):
    """Open to those who may start a campaign; every change is on record."""

    actions = None

    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return bool(request.user.has_perm(SEND))

    has_change_permission = has_view_permission

    def _note(self, request: HttpRequest, act: str, subject: str, form: Any) -> None:
        said = ", ".join(
            f"{name}: {form.initial.get(name)} → {form.cleaned_data.get(name)}"
            for name in form.changed_data
        )
        SendingAct.objects.create(
            act=act,
            subject=subject[:200],
            by=pages.person(request),
            at=clock.now(),
            reason=said[:300],
        )


@admin.register(Lane)
class LaneAdmin(_ForSenders):
    form = LaneForm
    list_display = ("lane", "per_minute", "today", "warm_up")
    list_display_links = ("lane",)
    fieldsets = (
        (None, {"fields": ("provider", "domains")}),
        (_("Limits"), {"fields": ("per_minute", "per_day")}),
        (_("Warm-up"), {"fields": ("first_day", "growth")}),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: Any = None
    ) -> tuple[str, ...]:
        return ("provider",) if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(SEND))

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """A provider's own limit stays: it also holds what has been stopped."""
        domains = not isinstance(obj, Lane) or bool(obj.domains)
        return domains and bool(request.user.has_perm(SEND))

    def save_model(
        self, request: HttpRequest, obj: Lane, form: Any, change: bool
    ) -> None:
        lanes.set_limits(obj)
        if form.changed_data:
            self._note(request, _Act.LIMITED, obj.slug, form)

    def delete_model(self, request: HttpRequest, obj: Lane) -> None:
        SendingAct.objects.create(
            act=_Act.LIMITED,
            subject=obj.slug[:200],
            by=pages.person(request),
            at=clock.now(),
            reason="–",
        )
        super().delete_model(request, obj)

    @admin.display(description=_("limit of"))
    def lane(self, row: Lane) -> str:
        return str(row)

    @admin.display(description=_("today"))
    def today(self, row: Lane) -> str:
        level = lanes.level_of(row, clock.now())
        of_day = lanes.limits_of(row).of_day(level.earlier)
        return f"{level.taken} / {'–' if of_day is None else of_day}"

    @admin.display(description=_("warm-up"), boolean=True)
    def warm_up(self, row: Lane) -> bool:
        return row.first_day is not None


@admin.register(SendingAct)
class ActAdmin(ModelAdmin):
    """What was done about sending, to be read."""

    list_display = ("at", "act", "about", "by", "why")
    list_filter = ("act",)
    list_select_related = ("by",)
    list_display_links = None
    list_per_page = 50
    actions = None

    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return bool(request.user.has_perm("sequences.view_sendingact"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    has_delete_permission = has_change_permission

    @admin.display(description=_("of"), ordering="subject")
    def about(self, row: SendingAct) -> str:
        return row.about

    @admin.display(description=_("reason"))
    def why(self, row: SendingAct) -> str:
        return reasons.label(row.reason) if row.reason else ""


@admin.register(SendingRules)
class RulesAdmin(_ForSenders):
    form = RulesForm
    fieldsets = (
        (_("Each address"), {"fields": ("weekly_cap",)}),
        (
            _("Bounces"),
            {
                "fields": ("bounce_warn", "bounce_stop"),
                "description": _(
                    "Addresses that do not exist, among what a campaign sent within "
                    "7 days. Counted over at least 100 messages: of fewer, the rest "
                    "is taken to arrive."
                ),
            },
        ),
        (
            _("Complaints"),
            {
                "fields": ("complaint_warn", "complaint_stop"),
                "description": _(
                    "Recipients who pressed “spam”. Counted over at least 1,000 "
                    "messages, so that one of the first ten does not end a campaign."
                ),
            },
        ),
        (
            _("Failures"),
            {
                "fields": ("failure_warn", "failure_stop"),
                "description": _("Counted over at least 100 messages."),
            },
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        """There is one row: it opens at once."""
        SendingRules.objects.get_or_create(singleton=True)
        return redirect("admin:sequences_sendingrules_change", "True")

    def save_model(
        self, request: HttpRequest, obj: SendingRules, form: Any, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            self._note(request, _Act.RULED, "", form)
