"""Messages, brands and the outbox in the admin: lists, and doors to our pages."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Max, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from accounts.customers.admin import when

from . import colours, links_admin, names  # noqa: F401 - one registers a page
from .forms import BrandForm
from .models import Brand, Message, MessageText, OutboxMail, SenderDomain
from .views import domains, drafts, editor, outbox


@admin.register(Message)
class MessageAdmin(ModelAdmin):
    list_display = ("called", "purpose", "languages", "published", "changed")
    list_filter = ("purpose", "brand")
    search_fields = ("name", "texts__subject")
    list_per_page = 50
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        texts = MessageText.objects.only("message_id", "language")
        found: QuerySet[Message] = super().get_queryset(request)
        return found.prefetch_related(Prefetch("texts", texts)).annotate(
            newest=Max("versions__number")
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        """Also by what a shipped message is called here, which no row holds."""
        found, twice = super().get_search_results(request, queryset, search_term)
        if not search_term:
            return found, twice
        either = Q(pk__in=found.values("pk")) | names.called(search_term)
        return queryset.filter(either), False

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        pages: tuple[tuple[str, str, Any], ...] = (
            ("preview/", "preview", drafts.show),
            ("buyers/", "buyers", drafts.buyers),
            ("test/", "test", drafts.send_test),
            ("<int:message_id>/copy/", "copy", editor.copy),
            ("<int:message_id>/versions/<int:number>/", "version", editor.version),
            (
                "<int:message_id>/versions/<int:number>/<slug:language>/",
                "version_html",
                outbox.version_html,
            ),
        )
        own = [
            path(route, wrap(view), name=f"campaign_messages_message_{name}")
            for route, name, view in pages
        ]
        return [*own, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return editor.add(request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return editor.change(request, int(object_id) if object_id.isdecimal() else 0)

    @admin.display(description=_("name"), ordering="name")
    def called(self, message: Message) -> str:
        return str(message)

    @admin.display(description=_("languages"))
    def languages(self, message: Message) -> str:
        return ", ".join(sorted(text.language for text in message.texts.all())) or "–"

    @admin.display(description=_("updated"), ordering="updated_at")
    def changed(self, message: Message) -> str:
        return when(message.updated_at)

    @admin.display(description=_("version"), ordering="newest")
    def published(self, message: Message) -> str:
        number = getattr(message, "newest", None)
        return str(number) if number else gettext("not sent yet")


@admin.register(Brand)
class BrandAdmin(ModelAdmin):
    form = BrandForm
    list_display = ("name", "sender", "is_default")
    search_fields = ("name", "sender_email")
    actions = None
    readonly_fields = ("contrast", "logo_now")
    fieldsets = (
        (
            _("Sender"),
            {"fields": ("name", "sender_name", "sender_email", "reply_to")},
        ),
        (_("Footer"), {"fields": ("postal_address", "store_name")}),
        (
            _("Look"),
            {"fields": ("colour", "contrast", "logo_now", "upload", "remove_logo")},
        ),
        (_("Use"), {"fields": ("languages", "is_default")}),
    )

    def save_model(
        self, request: HttpRequest, obj: Brand, form: Any, change: bool
    ) -> None:
        with transaction.atomic():
            if obj.is_default:
                Brand.objects.filter(is_default=True).exclude(pk=obj.pk).update(
                    is_default=False
                )
            super().save_model(request, obj, form, change)

    @admin.display(description=_("sender"))
    def sender(self, brand: Brand) -> str:
        return f"{brand.sender_name} <{brand.sender_email}>"

    @admin.display(description=_("how it reads"))
    def contrast(self, brand: Brand) -> SafeString:
        colour = brand.colour
        text = colours.on(colour)
        return format_html(
            '<span style="display:flex;flex-wrap:wrap;gap:0.75rem;align-items:center">'
            '<span style="background:{};color:{};padding:0.5rem 1rem;'
            'border-radius:6px;font-weight:600">{}</span>'
            '<span style="color:{};text-decoration:underline;background:#fff;'
            'padding:0.5rem">{}</span><span>{}</span></span>',
            colour,
            text,
            gettext("Button"),
            colours.for_text(colour),
            gettext("Link"),
            _judge(colour),
        )

    @admin.display(description=_("logo now"))
    def logo_now(self, brand: Brand) -> str | SafeString:
        if not brand.pk or not brand.logo:
            return gettext("none: mails show the company name")
        return format_html(
            '<img src="/brand/{}/logo" alt="" style="max-height:48px">', brand.pk
        )


def _judge(colour: str) -> str:
    facts = {"ratio": f"{colours.contrast(colour, colours.WHITE):.1f}"}
    if colours.contrast(colour, colours.WHITE) >= colours.READABLE:
        return gettext("%(ratio)s : 1 against white. Easy to read.") % facts
    return (
        gettext(
            "%(ratio)s : 1 against white. Too pale for text on white: links are shown "
            "in a darker tone of it."
        )
        % facts
    )


@admin.register(SenderDomain)
class SenderDomainAdmin(ModelAdmin):
    """One page of our own, in place of the list."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        name = "campaign_messages_senderdomain"
        return [
            path("", wrap(domains.show), name=f"{name}_changelist"),
            path("check/", wrap(domains.check), name=f"{name}_check"),
        ]


@admin.register(OutboxMail)
class OutboxAdmin(ModelAdmin):
    list_display = ("recipient", "subject", "received")
    list_display_links = ("recipient", "subject")
    search_fields = ("recipient", "subject")
    date_hierarchy = "created_at"
    list_per_page = 50
    show_full_result_count = False

    @admin.display(description=_("received"), ordering="created_at")
    def received(self, mail: OutboxMail) -> str:
        return when(mail.created_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboxMail]:
        return OutboxMail.objects.shown_to(request.user).defer("raw")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        pages: tuple[tuple[str, str, Any], ...] = (
            ("<int:mail_id>/html/", "html", outbox.html),
            ("<int:mail_id>/raw/", "raw", outbox.raw),
            (
                "<int:mail_id>/attachments/<int:number>/",
                "attachment",
                outbox.attachment,
            ),
        )
        own = [
            path(route, wrap(view), name=f"campaign_messages_outboxmail_{name}")
            for route, name, view in pages
        ]
        return [*own, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was sent is evidence."""
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return outbox.show(request, int(object_id) if object_id.isdecimal() else 0)
