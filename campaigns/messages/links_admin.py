"""The addresses that counted links lead to: to read, and to take back."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from accounts.staff.readonly import ReadOnly

from .models import LANGUAGES, PublishedLink


@admin.register(PublishedLink)
class PublishedLinkAdmin(ReadOnly):
    list_display = ("address", "message", "spoken", "withdrawn_at", "withdrawn_by")
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

    def has_withdraw_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("campaign_messages.change_publishedlink")

    @action(  # type: ignore[untyped-decorator]
        description=_("Withdraw: whoever follows it sees a page that says so"),
        permissions=["withdraw"],
    )
    def withdraw(self, request: HttpRequest, queryset: QuerySet[PublishedLink]) -> None:
        number = queryset.filter(withdrawn_at=None).update(
            withdrawn_at=Now(), withdrawn_by=request.user
        )
        self._say(request, number)

    @action(  # type: ignore[untyped-decorator]
        description=_("Let it lead on again"), permissions=["withdraw"]
    )
    def restore(self, request: HttpRequest, queryset: QuerySet[PublishedLink]) -> None:
        back = queryset.exclude(withdrawn_at=None)
        self._say(request, back.update(withdrawn_at=None, withdrawn_by=None))

    def _say(self, request: HttpRequest, number: int) -> None:
        text = ngettext("%(count)d link changed.", "%(count)d links changed.", number)
        self.message_user(request, text % {"count": number}, messages.SUCCESS)
