"""Accounts, buyers and imports in the admin: lists, and doors to our pages."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesCheckboxFilter,
    RelatedDropdownFilter,
)

from . import countries, filters, history
from .account_forms import AccountForm, BuyerForm
from .models import Account, AccountFact, Buyer, CustomerImport
from .views import deeds, issues, matching, rep_codes, standing, uploading


def when(instant: datetime | None) -> str:
    """A time with its zone, as every time is shown."""
    if instant is None:
        return "–"
    local = localtime(instant)
    return f"{date_format(local, 'SHORT_DATETIME_FORMAT')} ({local.tzname()})"


def _chip(kind: str, text: str | Promise) -> SafeString:
    return format_html('<span class="ob-chip ob-chip--{}">{}</span>', kind, text)


class Kept(ModelAdmin):
    """Customers are not deleted by hand: what happened to them must stay told."""

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    @admin.display(description=_("created"))
    def created(self, row: Account | Buyer) -> str:
        return when(row.created_at)

    @admin.display(description=_("updated"))
    def updated(self, row: Account | Buyer) -> str:
        return when(row.updated_at)


class BuyerInline(TabularInline):
    """Those who were erased have nothing left to change."""

    model = Buyer
    fields = ("first_name", "last_name", "email", "phone", "language", "active")
    extra = 0
    can_delete = False
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Buyer]:
        rows: QuerySet[Buyer] = super().get_queryset(request)
        return rows.filter(erased_at=None)


class FactInline(TabularInline):
    model = AccountFact
    verbose_name_plural = _("What it was, and when")
    fields = ("kind", "told", "reason", "since", "until", "said_by")
    readonly_fields = fields
    extra = 0
    can_delete = False
    hide_title = True
    ordering = ("-valid_from", "-id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccountFact]:
        return history.with_names(super().get_queryset(request))

    @admin.display(description=_("value"))
    def told(self, row: AccountFact) -> str:
        return history.value(row)

    @admin.display(description=_("from"))
    def since(self, row: AccountFact) -> str:
        return when(row.valid_from)

    @admin.display(description=_("until"))
    def until(self, row: AccountFact) -> str:
        return when(row.valid_until)

    @admin.display(description=_("source"))
    def said_by(self, row: AccountFact) -> str:
        return history.source(row)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Account)
class AccountAdmin(Kept):
    form = AccountForm
    change_form_before_template = "admin/customers/parts/seen.html"
    list_display = (
        "number",
        "named",
        "place",
        "segment",
        "may_order",
        "rep",
        "buyer_count",
    )
    list_display_links = ("number", "named")
    list_filter = (
        ("country", filters.CountryFilter),
        ("segment", filters.ValuesFilter),
        ("is_key", BooleanRadioFilter),
        ("eligible", BooleanRadioFilter),
        ("rep", RelatedDropdownFilter),
    )
    list_filter_submit = True
    list_select_related = ("rep",)
    list_per_page = 50
    show_full_result_count = False
    list_before_template = "admin/customers/parts/accounts_head.html"
    search_fields = (
        "number_key",
        "name__unaccent__icontains",
        "city__unaccent__icontains",
    )
    search_help_text = _("Customer number, name or city")
    ordering = ("number_key",)
    inlines = (BuyerInline, FactInline)
    actions = None
    fieldsets = (
        (None, {"fields": ("number", "name", "segment", "is_key", "annual_value")}),
        (_("Where"), {"fields": ("city", "country", "language", "time_zone")}),
        (
            _("May order online"),
            {
                "fields": (
                    "eligible",
                    "ineligible_reason",
                    "ineligible_from",
                    "ineligible_until",
                )
            },
        ),
        (_("Whose"), {"fields": ("rep", "rep_code", "customer_since")}),
        (_("In this system"), {"fields": ("created", "updated")}),
    )
    readonly_fields = ("rep_code", "created", "updated")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Account | None = None
    ) -> tuple[str, ...]:
        """The number is what an account is known by everywhere: it never changes."""
        return (*self.readonly_fields, "number") if obj else self.readonly_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        rows: QuerySet[Account] = super().get_queryset(request)
        # Counted for the rows of the page only; a join would group them all first.
        buyers = Buyer.objects.filter(account=OuterRef("pk")).order_by()
        counted = buyers.values("account").annotate(number=Count("id"))
        return rows.annotate(
            buyers_known=Coalesce(Subquery(counted.values("number")), 0)
        )

    def save_model(
        self, request: HttpRequest, obj: Account, form: ModelForm[Account], change: bool
    ) -> None:
        obj.save(source=f"user:{request.user.pk}")

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = path("reps/", guard(rep_codes.assign), name="customers_account_reps")
        return [own, *super().get_urls()]

    @admin.display(description=_("name"), ordering="name")
    def named(self, row: Account) -> SafeString | str:
        if not row.is_key:
            return row.name
        return format_html("{} {}", row.name, _chip("info", _("Key account")))

    @admin.display(description=_("Where"), ordering="city")
    def place(self, row: Account) -> str:
        country = countries.name_of(row.country)
        return ", ".join(part for part in (row.city, country) if part)

    @admin.display(description=_("may order online"), ordering="eligible")
    def may_order(self, row: Account) -> SafeString | str:
        if row.eligible:
            return gettext("yes")
        return _chip("warn", row.ineligible_reason or _("no"))

    @admin.display(description=_("Buyers"), ordering="buyers_known")
    def buyer_count(self, row: Account) -> int:
        known: int = row.buyers_known  # type: ignore[attr-defined]
        return known


@admin.register(Buyer)
class BuyerAdmin(Kept):
    form = BuyerForm
    change_form_before_template = "admin/customers/parts/seen.html"
    list_display = ("person", "email", "account", "language", "active")
    list_filter = (
        ("account__country", filters.CountryFilter),
        ("language", ChoicesCheckboxFilter),
        ("active", BooleanRadioFilter),
    )
    list_filter_submit = True
    list_select_related = ("account",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = (
        "email_key",
        "first_name__unaccent__icontains",
        "last_name__unaccent__icontains",
        "external_id",
        "account__number_key",
        "account__name__unaccent__icontains",
    )
    search_help_text = _("Name, address, or company")
    ordering = ("-id",)
    autocomplete_fields = ("account",)
    actions = None
    fieldsets = (
        (None, {"fields": ("account", "first_name", "last_name", "email", "phone")}),
        (_("Writing to her"), {"fields": ("language", "time_zone", "active")}),
        (_("Elsewhere"), {"fields": ("external_id", "created", "updated")}),
    )
    readonly_fields = ("created", "updated")

    def get_readonly_fields(
        self, request: HttpRequest, obj: Buyer | None = None
    ) -> tuple[str, ...]:
        """A buyer's history is her company's too: she does not move with it."""
        return (*self.readonly_fields, "account") if obj else self.readonly_fields

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """No name comes back to somebody who was erased."""
        may: bool = super().has_change_permission(request, obj)
        return may and not (isinstance(obj, Buyer) and obj.erased_at)

    @admin.display(description=_("buyer"), ordering="last_name")
    def person(self, row: Buyer) -> str:
        return str(row) if row.erased_at else row.full_name or "–"


@admin.register(CustomerImport)
class CustomerImportAdmin(Kept):
    list_display = (
        "file_name",
        "kind",
        "state_now",
        "lines",
        "created_by",
        "uploaded",
    )
    list_filter = (("state", ChoicesCheckboxFilter), ("kind", ChoicesCheckboxFilter))
    list_filter_submit = True
    list_select_related = ("created_by",)
    list_per_page = 25
    show_add_link = False  # imports_head.html has one with words
    list_before_template = "admin/customers/parts/imports_head.html"
    search_fields = ("file_name",)
    ordering = ("-id",)
    actions = None

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        pages: tuple[tuple[str, str, Any], ...] = (
            ("live", "live", standing.live),
            ("read-again", "read_again", matching.read_again),
            ("apply", "apply", deeds.apply),
            ("undo", "undo", deeds.undo),
            ("cancel", "cancel", deeds.cancel),
            ("issues.csv", "issues", issues.download),
        )
        own = [
            path(
                f"<int:batch_id>/{route}",
                guard(view),
                name=f"customers_customerimport_{name}",
            )
            for route, name, view in pages
        ]
        return [*own, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, *args: Any, **options: Any
    ) -> HttpResponseBase:
        return uploading.upload(request)

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **options: Any
    ) -> HttpResponseBase:
        if not object_id.isdecimal():
            raise PermissionDenied
        return standing.show(request, int(object_id))

    @admin.display(description=_("State"), ordering="state")
    def state_now(self, row: CustomerImport) -> SafeString:
        part = "admin/customers/imports/parts/state.html"
        return SafeString(render_to_string(part, {"batch": row}))

    @admin.display(description=_("uploaded"), ordering="created_at")
    def uploaded(self, row: CustomerImport) -> str:
        return when(row.created_at)

    @admin.display(description=_("Lines"))
    def lines(self, row: CustomerImport) -> Any:
        return row.counts.get("lines", "–")
