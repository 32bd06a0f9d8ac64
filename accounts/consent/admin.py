"""Consent in the admin: a history to read and add to, and addresses to leave alone.

The history also stands on the buyer's own page, which lies below this app: it is
added to that page here.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display

from accounts.customers import addresses, clock
from accounts.customers.admin import BuyerAdmin, when
from accounts.customers.models import Buyer
from accounts.staff.models import User

from . import choices, suppression, views
from .forms import ChoiceForm, LiftForm, SuppressForm
from .models import Choice, Permission, Suppression
from .privacy import admin as privacy_admin  # noqa: F401 - Django looks for it here

BUYER_FIELDS = (
    "buyer__email_key",
    "buyer__first_name",
    "buyer__last_name",
    "buyer__account__name",
    "buyer__account__number_key",
)


class Kept:
    """Rows that nobody deletes."""

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    @admin.display(description=_("source"), ordering="source")
    def told_by(self, row: Choice | Permission | Suppression) -> str:
        return str(choices.describe_source(row.source))


class ReadOnly(Kept):
    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False


@admin.register(Choice)
class ChoiceAdmin(ReadOnly, ModelAdmin):
    """What buyers chose. What one of them tells us is added here by hand."""

    list_display = ("when", "buyer", "account", "topic", "state_", "told_by")
    list_filter = ("state", "topic", "basis")
    list_select_related = ("buyer__account",)
    search_fields = BUYER_FIELDS
    autocomplete_fields = ("buyer",)
    show_full_result_count = False
    form = ChoiceForm
    readonly_fields = ("occurred_at", "recorded_at", "recorded_by", "topic", "basis")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = ("buyer", "state", "source", "wording")
        told = fields if obj is None else (*fields, *self.readonly_fields)
        return ((None, {"fields": told}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.readonly_fields

    def save_model(
        self, request: HttpRequest, obj: Choice, form: ModelForm[Choice], change: bool
    ) -> None:
        objected = obj.state == Choice.State.OBJECTED
        record = choices.object_to_marketing if objected else choices.grant
        record(obj.buyer, obj.source, obj.wording, clock.now(), by=_staff(request))
        obj.pk = Choice.objects.filter(buyer=obj.buyer).latest("pk").pk

    @admin.display(description=_("when"), ordering="occurred_at")
    def when(self, choice: Choice) -> str:
        return when(choice.occurred_at)

    @admin.display(description=_("account"))
    def account(self, choice: Choice) -> str:
        return str(choice.buyer.account)

    @display(  # type: ignore[untyped-decorator]
        description=_("state"),
        ordering="state",
        label={Choice.State.GRANTED: "success", Choice.State.OBJECTED: "danger"},
    )
    def state_(self, choice: Choice) -> tuple[str, str]:
        return choice.state, choice.get_state_display()


@admin.register(Permission)
class PermissionAdmin(ReadOnly, ModelAdmin):
    list_display = ("who", "account", "allowed", "own", "basis", "when", "told_by")
    list_filter = ("allowed", "chosen", "basis")
    list_select_related = ("buyer__account",)
    search_fields = BUYER_FIELDS
    show_full_result_count = False
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("buyer"), ordering="buyer__last_name")
    def who(self, permission: Permission) -> str:
        return str(permission.buyer)

    @admin.display(description=_("the buyer's own choice"), ordering="chosen")
    def own(self, permission: Permission) -> str:
        """No tick and cross: that nobody chose is no refusal."""
        return gettext("yes") if permission.chosen else "–"

    @admin.display(description=_("since"), ordering="since")
    def when(self, permission: Permission) -> str:
        return when(permission.since)

    @admin.display(description=_("account"))
    def account(self, permission: Permission) -> str:
        return str(permission.buyer.account)


@admin.register(Suppression)
class SuppressionAdmin(Kept, ModelAdmin):
    """Looking for an address finds its hash; the hash tells nobody the address."""

    list_before_template = "admin/consent/lists_head.html"
    list_display = ("when", "known_as", "scope", "reason", "told_by", "active")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter), "scope", "reason")
    search_fields = ("source",)
    search_help_text = _("An e-mail address, whole, or a word of the source")
    show_full_result_count = False
    readonly_fields = (
        *("known_as", "scope", "reason", "told_by", "when", "created_by"),
        *("lifted_at", "lifted_by"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suppression]:
        owner = Buyer.objects.filter(address_hash=OuterRef("address_hash"))
        found: QuerySet[Suppression] = super().get_queryset(request)
        return found.annotate(address=Subquery(owner.values("email")[:1]))

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = [
            path("import/", guard(views.take_in), name="consent_suppression_import"),
            path("export/", guard(views.give_out), name="consent_suppression_export"),
        ]
        return [*own, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if "@" not in search_term:
            return super().get_search_results(request, queryset, search_term)  # type: ignore[no-any-return]
        sought = addresses.hash_of(addresses.key_of(search_term))
        return queryset.filter(address_hash=sought), False

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        kwargs["form"] = LiftForm if obj else SuppressForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ((None, {"fields": ("address", "scope", "source")}),)
        return (
            (None, {"fields": self.readonly_fields}),
            (_("Lift"), {"fields": ("lift_reason",)}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.readonly_fields

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        may: bool = super().has_change_permission(request, obj)
        return may and not (isinstance(obj, Suppression) and obj.lifted_at)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], **kwargs: Any
    ) -> Any:
        """One button: what is saved here is done."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, **kwargs)

    def save_model(
        self,
        request: HttpRequest,
        obj: Suppression,
        form: ModelForm[Suppression],
        change: bool,
    ) -> None:
        if change:
            reason = form.cleaned_data["lift_reason"]
            suppression.lift(obj, reason, at=clock.now(), by=_staff(request))
        else:
            obj.pk = _suppress(request, form).pk

    @admin.display(description=_("since"), ordering="created_at")
    def when(self, row: Suppression) -> str:
        return when(row.created_at)

    @admin.display(description=_("address"))
    def known_as(self, row: Suppression) -> str:
        """The buyer's, while there is one with this address."""
        return getattr(row, "address", None) or "–"

    @admin.display(description=_("in force"), boolean=True)
    def active(self, row: Suppression) -> bool:
        return row.lifted_at is None


class ChoiceInline(ReadOnly, TabularInline):
    """The history on the buyer's own page."""

    model = Choice
    fields = ("occurred_at", "topic", "state", "told_by", "wording", "recorded_by")
    readonly_fields = fields
    extra = 0
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PermissionInline(ReadOnly, TabularInline):
    model = Permission
    fields = ("topic", "allowed", "chosen", "basis", "told_by", "since")
    readonly_fields = fields
    extra = 0
    tab = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


BuyerAdmin.inlines = (*BuyerAdmin.inlines, PermissionInline, ChoiceInline)


def _suppress(request: HttpRequest, form: ModelForm[Suppression]) -> Suppression:
    address, scope = form.cleaned_data["address"], form.cleaned_data["scope"]
    suppression.suppress(
        address,
        scope,
        reason=Suppression.Reason.BY_HAND,
        source=form.cleaned_data["source"],
        at=clock.now(),
        by=_staff(request),
    )
    return suppression.active(address).get(scope=scope)


def _staff(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("Only staff come here.")
    return request.user
