"""The addresses that counted links lead to: to read, and to take back."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from accounts.journal import clock
from accounts.staff.readonly import ReadOnly

from . import withdrawing
from .models import LANGUAGES, PublishedLink
from .views import pages


@admin.register(PublishedLink)
class PublishedLinkAdmin(ReadOnly):
    list_display = (
        *("address", "message", "spoken"),
        *("withdrawn_at", "withdrawn_by", "changes"),
    )
    list_display_links = None
    list_filter = (("withdrawn_at", admin.EmptyFieldListFilter), "language")
    list_select_related = ("version__message", "withdrawn_by")
    search_fields = ("address", "version__message__name")
    list_per_page = 50
    actions = ("withdraw", "restore")

    @admin.display(description=_("Version of the message"), ordering="version")
    def message(self, link: PublishedLink) -> str:
        return str(link.version)

    @admin.display(description=_("Language"), ordering="language")
    def spoken(self, link: PublishedLink) -> str | Promise:
        return dict(LANGUAGES).get(link.language, link.language)

    @admin.display(description="")
    def changes(self, link: PublishedLink) -> SafeString:
        url = reverse("admin:campaign_messages_publishedlink_history", args=[link.pk])
        return format_html('<a href="{}">{}</a>', url, _("Who changed it, and when"))

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        response: HttpResponse = super().history_view(request, object_id, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            page = response.context_data["action_list"]
            page.object_list = [withdrawing.say(entry) for entry in page.object_list]
        return response

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaign_messages.change_publishedlink")

    @action(  # type: ignore[untyped-decorator]
        description=_("Withdraw: whoever follows it sees a page that says so"),
        permissions=["withdraw"],
    )
    def withdraw(self, request: HttpRequest, queryset: QuerySet[PublishedLink]) -> None:
        by = pages.person(request)
        self._say(request, withdrawing.withdraw(queryset, by, clock.now()))

    @action(  # type: ignore[untyped-decorator]
        description=_("Let it lead on again"), permissions=["withdraw"]
    )
    def restore(self, request: HttpRequest, queryset: QuerySet[PublishedLink]) -> None:
        self._say(request, withdrawing.restore(queryset, pages.person(request)))

    def _say(self, request: HttpRequest, number: int) -> None:
        text = ngettext("%(count)d link changed.", "%(count)d links changed.", number)
        self.message_user(request, text % {"count": number}, messages.SUCCESS)
