"""Campaigns, enrolments and deliveries in the admin: lists, and doors to our pages."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.admin import ModelAdmin
from unfold.views import ChangeList as UnfoldChangeList

from accounts.staff.readonly import ReadOnly
from campaigns.messages import carriers
from campaigns.sequences import (  # noqa: F401 - registers
    limits_admin,
    reasons,
    titles,
)
from campaigns.sequences.models import Campaign, Delivery, Enrolment
from campaigns.sequences.results import progress
from campaigns.sequences.results.progress import Line
from campaigns.sequences.templatetags import clocks
from campaigns.sequences.views import (
    audiences,
    editing,
    people,
    review,
    revising,
    running,
    settling,
)


class CampaignList(UnfoldChangeList):
    """Counts for the campaigns of one page, in two queries for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        lines = progress.lines([row.pk for row in self.result_list])
        for row in self.result_list:
            vars(row)["line"] = lines[row.pk]


@admin.register(Campaign)
class CampaignAdmin(ModelAdmin):
    list_display = (
        "campaign_name",
        "state_now",
        "people",
        "bar",
        "planned",
        "sent",
        "next_due",
    )
    list_filter = ("state",)
    search_fields = ("name",)
    ordering = ("-id",)
    list_per_page = 25
    actions = None
    show_add_link = False  # list_head.html has one with words
    list_before_template = "admin/sequences/parts/list_head.html"

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return CampaignList

    def get_urls(self) -> list[URLPattern]:
        return [*self._own_urls(), *super().get_urls()]

    def _own_urls(self) -> list[URLPattern]:
        pages: tuple[tuple[str, str, Any], ...] = (
            ("count/", "count", audiences.count),
            ("names/", "names", audiences.names),
            ("unknown/", "unknown", settling.unknown),
            ("unknown/settle/", "settle", settling.settle),
            ("<int:campaign_id>/audience/", "audience", audiences.names),
            ("<int:campaign_id>/review/", "review", review.review),
            (
                "<int:campaign_id>/steps/<int:step_id>/test/",
                "test",
                review.send_test,
            ),
            ("<int:campaign_id>/start/", "start", review.start),
            ("<int:campaign_id>/pause/", "pause", running.pause),
            ("<int:campaign_id>/resume/", "resume", running.resume),
            ("<int:campaign_id>/stop/", "stop", running.stop),
            ("<int:campaign_id>/revise/", "revise", revising.revise),
            ("<int:campaign_id>/copy/", "copy", editing.copy),
            ("<int:campaign_id>/figures/", "figures", running.figures),
            ("<int:campaign_id>/deliveries/", "deliveries", people.deliveries),
            ("<int:campaign_id>/enrolments/", "enrolments", people.enrolments),
            ("<int:campaign_id>/buyers/<int:buyer_id>/", "story", people.one),
        )
        guard = self.admin_site.admin_view
        return [
            path(route, guard(view), name=f"sequences_campaign_{name}")
            for route, name, view in pages
        ]

    def add_view(
        self, request: HttpRequest, *args: Any, **options: Any
    ) -> HttpResponse:
        return editing.begin(request)

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **options: Any
    ) -> HttpResponse:
        if not object_id.isdecimal():
            raise PermissionDenied
        return running.campaign(request, int(object_id))

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Only drafts: of the others there is something to answer for."""
        may = super().has_delete_permission(request, obj)
        return may and (not isinstance(obj, Campaign) or obj.state == "draft")

    @admin.display(description=_("Campaign"), ordering="name")
    def campaign_name(self, row: Campaign) -> str:
        return row.name

    @admin.display(description=_("State"), ordering="state")
    def state_now(self, row: Campaign) -> SafeString:
        done = _line(row).is_done
        return SafeString(
            render_to_string(
                "admin/sequences/parts/state.html",
                {
                    "state": progress.standing(row, done),
                    "label": progress.standing_label(row, done),
                },
            )
        )

    @admin.display(description=_("Buyers"))
    def people(self, row: Campaign) -> int | str:
        is_draft = row.state == Campaign.State.DRAFT
        return "–" if is_draft else _line(row).enrolled

    @admin.display(description=_("How it stands"))
    def bar(self, row: Campaign) -> SafeString | str:
        found = _line(row).sum
        if not found.planned:
            return "–"
        return SafeString(
            render_to_string("admin/sequences/parts/bar.html", {"sum": found})
        )

    @admin.display(description=pgettext_lazy("messages", "Planned"))
    def planned(self, row: Campaign) -> int:
        return _line(row).sum.planned

    @admin.display(description=pgettext_lazy("messages", "Sent"))
    def sent(self, row: Campaign) -> int:
        return _line(row).sum.sent

    @admin.display(description=_("Next message"))
    def next_due(self, row: Campaign) -> str:
        running_now = row.state == Campaign.State.RUNNING
        return clocks.instant(_line(row).next_due if running_now else None)


def _line(row: Campaign) -> Line:
    found: Line = vars(row)["line"]
    return found


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnly):
    actions = None
    list_display = ("buyer", "account", "campaign", "state", "why", "due_at")
    list_filter = ("state", "campaign")
    search_fields = ("buyer__last_name", "buyer__email_key", "account__name")
    list_select_related = ("buyer", "account", "campaign")
    list_per_page = 50
    ordering = ("-id",)
    exclude = ("version",)

    @admin.display(description=_("reason"), ordering="exit_reason")
    def why(self, row: Enrolment) -> str:
        return reasons.label(row.exit_reason)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly):
    actions = None
    list_display = ("buyer", "account", "campaign", "what", "local", "fate", "why")
    list_filter = ("state", "campaign", "due_at")
    search_fields = (
        "buyer__last_name",
        "buyer__email_key",
        "account__name",
        "provider_id",
    )
    list_select_related = (
        "buyer",
        "account",
        "campaign",
        "step__message",
        "message_version__message",
    )
    list_per_page = 50
    ordering = ("-id",)
    fields = (
        "our_id",
        "campaign",
        "what",
        "buyer",
        "account",
        "state",
        "why",
        "detail",
        "local",
        "due_at",
        "not_after",
        "sent_at",
        "settled_at",
        "settled_by",
        "settled_note",
        "carrier",
        "provider_id",
        "story",
    )
    readonly_fields = ("what", "why", "local", "carrier", "story", "our_id")

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,
        obj: Delivery | None = None,
        **options: Any,
    ) -> HttpResponse:
        if obj is not None:
            shown = titles.Titled(obj)
            context |= {"title": str(shown), "subtitle": None, "original": shown}
        page: HttpResponse = super().render_change_form(
            request, context, *args, obj=obj, **options
        )
        return page

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        named: dict[str, Any] = {}
        if row is not None:
            shown = titles.Titled(row)
            named = {"title": str(shown), "object": shown}
        named |= extra_context or {}
        page: HttpResponse = super().history_view(request, object_id, named)
        return page

    @admin.display(description=_("state"), ordering="state")
    def fate(self, row: Delivery) -> SafeString:
        shown = {
            "part": progress.part_of(row.state),
            "label": row.get_state_display(),
        }
        part = render_to_string("admin/sequences/parts/part.html", shown)
        return SafeString(part)

    @admin.display(description=_("what"))
    def what(self, row: Delivery) -> str:
        return str(row.called)

    @admin.display(description=_("our id"))
    def our_id(self, row: Delivery) -> str:
        return str(row.uuid)

    @admin.display(description=_("reason"), ordering="reason")
    def why(self, row: Delivery) -> str:
        return reasons.label(row.reason) if row.reason else ""

    @admin.display(description=_("local time"), ordering="due_at")
    def local(self, row: Delivery) -> SafeString:
        return format_html(
            "{} <small>{}</small>", clocks.wall_clock(row.local_due), row.zone
        )

    @admin.display(description=_("sent through"))
    def carrier(self, row: Delivery) -> str:
        return carriers.name(row.transport) or "–"

    @admin.display(description=_("story"))
    def story(self, row: Delivery) -> SafeString | str:
        if row.campaign_id is None:
            return ""
        address = reverse(
            "admin:sequences_campaign_story", args=[row.campaign_id, row.buyer_id]
        )
        link = '<a class="text-link" href="{}">{}</a>'
        return format_html(link, address, _("What became of it"))
