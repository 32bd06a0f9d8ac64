"""Users and API keys in the admin."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesCheckboxFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from . import access, changes, keys, second_factor
from .models import ApiKey, User, UserChange

# Roles decide here, not groups; a user has one address, her own; and what proves a
# second factor is for nobody's eyes: administrators remove it on the user's page.
for model in (Group, EmailAddress, Authenticator):
    admin.site.unregister(model)


class NewUserForm(UserCreationForm):
    class Meta:
        model = User
        fields = ("email", "name", "role", "language")


class ExistingUserForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


class ChangeInline(TabularInline):
    model = UserChange
    fk_name = "user"
    fields = ("at", "what", "before", "after", "by")
    readonly_fields = fields
    extra = 0
    max_num = 0
    can_delete = False
    hide_title = True

    def has_view_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return request.user.has_perm("staff.change_user")

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User], ModelAdmin):
    form = ExistingUserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    change_form_outer_after_template = "admin/staff/second_factor.html"
    list_display = ("name", "email", "role", "rep_code", "is_active", "last_login")
    list_filter = (("role", ChoicesCheckboxFilter), ("is_active", BooleanRadioFilter))
    list_filter_submit = True
    search_fields = ("name", "email", "rep_code")
    ordering = ("name", "email")
    actions = None
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "name", "role", "language", "password")}),
        (gettext_lazy("As a sales rep"), {"fields": ("rep_code", "phone")}),
        (
            gettext_lazy("Access"),
            {"fields": ("is_active", "last_login", "date_joined")},
        ),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "role", "language")}),
        (gettext_lazy("Password"), {"fields": ("password1", "password2")}),
    )
    readonly_fields = ("last_login", "date_joined")

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """Who leaves is made inactive: what she did must stay told."""
        return False

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        own = path(
            "<int:user_id>/second-factor/remove",
            guard(require_POST(self.remove_second_factor)),
            name="staff_user_remove_second_factor",
        )
        return [own, *super().get_urls()]

    def get_inlines(
        self, request: HttpRequest, obj: User | None = None
    ) -> tuple[type[ChangeInline], ...]:
        return (ChangeInline,) if obj else ()

    def save_model(
        self, request: HttpRequest, obj: User, form: Any, change: bool
    ) -> None:
        before = changes.watch(User.objects.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)
        if before is not None:
            changes.record(obj, before, by=_person(request), at=access.now())

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 - Django's word
        form_url: str = "",
    ) -> HttpResponse:
        user = self.get_object(request, id)
        answer: HttpResponse = super().user_change_password(request, id, form_url)
        if user and user.password != User.objects.get(pk=user.pk).password:
            what = UserChange.What.PASSWORD
            changes.note(user, what, by=_person(request), at=access.now())
        return answer

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        user = self.get_object(request, object_id)
        shown = {
            "shown_user": user,
            "has_second_factor": user is not None and second_factor.has(user),
            "may_remove": self.has_change_permission(request, user),
        }
        context = {**(extra_context or {}), **shown}
        return super().change_view(request, object_id, form_url, context)

    def remove_second_factor(
        self, request: HttpRequest, user_id: int
    ) -> HttpResponseBase:
        user = get_object_or_404(User, pk=user_id)
        if not self.has_change_permission(request, user):
            raise PermissionDenied
        if second_factor.remove(user, by=_person(request), at=access.now()):
            messages.success(request, _("The second factor is removed."))
        return redirect(reverse("admin:staff_user_change", args=[user_id]))

    def get_readonly_fields(
        self, request: HttpRequest, obj: User | None = None
    ) -> tuple[str, ...]:
        """Nobody locks herself out, or gives herself another role."""
        own = ("role", "is_active") if obj is not None and obj == request.user else ()
        return (*self.readonly_fields, *own)


def _person(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


class NewKeyForm(forms.ModelForm[ApiKey]):
    scopes = forms.MultipleChoiceField(
        label=pgettext_lazy("of an API key", "May"),
        choices=ApiKey.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = ApiKey
        fields = ("name", "source", "scopes", "expires_at")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        zone = {"zone": settings.TIME_ZONE}
        self.fields["expires_at"].help_text = _("Time of %(zone)s.") % zone


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    form = NewKeyForm
    list_display = ("name", "source", "shown", "opens", "alive", "last_used_at")
    list_filter = ("source",)
    search_fields = ("name", "source", "prefix")
    actions = None
    fields = ("name", "source", "scopes", "expires_at")

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """A key is revoked, and what came by it can still be asked for."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        guard = self.admin_site.admin_view
        revoke = path(
            "<int:key_id>/revoke", guard(self.revoke), name="staff_apikey_revoke"
        )
        return [revoke, *super().get_urls()]

    def save_model(
        self, request: HttpRequest, obj: ApiKey, form: Any, change: bool
    ) -> None:
        obj.created_by = request.user if isinstance(request.user, User) else None
        request.new_secret = keys.seal(obj)  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The one moment in which the key itself is shown."""
        return self._show(request, obj, secret=request.new_secret)  # type: ignore[attr-defined]

    def change_view(
        self, request: HttpRequest, object_id: str, *args: Any, **options: Any
    ) -> HttpResponseBase:
        found = get_object_or_404(ApiKey, pk=object_id)
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        return self._show(request, found)

    def revoke(self, request: HttpRequest, key_id: int) -> HttpResponseBase:
        return require_POST(self._revoke)(request, key_id)

    def _revoke(self, request: HttpRequest, key_id: int) -> HttpResponseBase:
        if not self.has_add_permission(request):
            raise PermissionDenied
        found = get_object_or_404(ApiKey, pk=key_id)
        if keys.revoke(found, access.now()):
            messages.success(request, _("The key is revoked: it opens nothing more."))
        return redirect(reverse("admin:staff_apikey_change", args=[key_id]))

    def _show(
        self, request: HttpRequest, key: ApiKey, *, secret: str = ""
    ) -> HttpResponse:
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "title": key.name,
            "key": key,
            "secret": secret,
            "alive": keys.is_alive(key, access.now()),
            "opens": self.opens(key),
            "may_revoke": self.has_add_permission(request),
        }
        page = TemplateResponse(request, "admin/staff/key.html", context)
        shown: HttpResponse = never_cache(lambda _request: page)(request)
        return shown

    @admin.display(description=gettext_lazy("key"))
    def shown(self, row: ApiKey) -> str:
        return f"{row.prefix}…"

    @admin.display(description=pgettext_lazy("of an API key", "may"))
    def opens(self, row: ApiKey) -> str:
        labels = dict(ApiKey.Scope.choices)
        return ", ".join(str(labels.get(scope, scope)) for scope in row.scopes)

    @admin.display(description=pgettext_lazy("of an API key", "valid"), boolean=True)
    def alive(self, row: ApiKey) -> bool:
        return keys.is_alive(row, access.now())
