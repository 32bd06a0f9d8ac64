"""Reports in the admin: to read, and posts nobody could read to be read once more."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action, display

from accounts.staff.readonly import ReadOnly
from campaigns.messages import carriers

from . import process
from .models import Post, Report


class ByCarrier(admin.AllValuesFieldListFilter):
    """The providers that have told us something, by their names."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for one in super().choices(changelist):
            yield {**one, "display": carriers.name(str(one["display"]))}


class _Told(ReadOnly):
    @admin.display(description=_("told by"), ordering="provider")
    def teller(self, row: Post | Report) -> str:
        return carriers.name(row.provider)


@admin.register(Report)
class ReportAdmin(_Told):
    list_display = ("occurred_at", "what", "buyer", "campaign", "teller", "words")
    list_per_page = 25
    list_filter = ("kind", ("provider", ByCarrier))
    list_select_related = ("delivery__buyer", "delivery__campaign")
    search_fields = (
        "delivery__buyer__email_key",
        "delivery__buyer__last_name",
        "delivery__buyer__account__name",
    )
    fields = (
        *("occurred_at", "kind", "buyer", "campaign", "teller"),
        *("detail", "machine", "recorded_at"),
    )
    readonly_fields = fields
    ordering = ("-id",)

    @admin.display(description=_("buyer"))
    def buyer(self, report: Report) -> str:
        fitting = report.delivery
        return str(fitting.buyer if fitting else _("fits no message of ours"))

    @admin.display(description=_("campaign"))
    def campaign(self, report: Report) -> str:
        campaign = report.delivery.campaign if report.delivery else None
        return str(campaign or "–")

    @display(  # type: ignore[untyped-decorator]
        description=_("what"),
        ordering="kind",
        # A kind that is not named here would be shown by its slug.
        label={
            **dict.fromkeys(Report.Kind.values),
            "delivered": "success",
            "replied": "success",
            "hard": "danger",
            "complained": "danger",
            "rejected": "danger",
            "soft": "warning",
            "deferred": "warning",
            "unsubscribed": "warning",
        },
    )
    def what(self, report: Report) -> tuple[str, Any]:
        return report.kind, report.get_kind_display()

    @admin.display(description=_("in the provider's words"))
    def words(self, report: Report) -> str:
        return format_html("<q>{}</q>", report.detail) if report.detail else ""


@admin.register(Post)
class PostAdmin(_Told):
    """Its content is shown to nobody: addresses, and whole mails, stand in it."""

    list_display = ("received_at", "teller", "inbound", "state", "trouble", "read_at")
    list_filter = ("state", ("provider", ByCarrier), "inbound")
    fields = list_display
    readonly_fields = list_display
    actions = ("read_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        found: QuerySet[Post] = super().get_queryset(request)
        return found.defer("body")

    def has_read_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("feedback.change_post")

    @action(  # type: ignore[untyped-decorator]
        description=_("Read the selected posts again"), permissions=["read_again"]
    )
    def read_again(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        number = process.read_again(list(queryset.values_list("pk", flat=True)))
        text = ngettext(
            "%(count)d post is read again in a moment.",
            "%(count)d posts are read again in a moment.",
            number,
        )
        self.message_user(request, text % {"count": number}, messages.SUCCESS)
