"""Courses, their materials and shared pools in the admin; sessions have own pages."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline

from .models import Course, Material, Pool
from .seats import Refused, resize_pool
from .staff import access


class MaterialInline(TabularInline):
    model = Material
    fields = ("title", "kind", "position", "active")
    extra = 0
    can_delete = False


@admin.register(Course)
class CourseAdmin(ModelAdmin):
    list_display = ("title", "level", "language", "topic", "dates", "active")
    list_filter = ("active", "level", "language")
    search_fields = ("title", "topic")
    inlines = (MaterialInline,)
    fieldsets = (
        (None, {"fields": ("title", "topic", "description", "level", "language")}),
        (_("For whom it is meant"), {"fields": ("stage", "segment", "barrier")}),
        (_("Here"), {"fields": ("active", "handouts")}),
    )
    readonly_fields = ("handouts",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was taught must stay told; a course goes off the offer."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Course]:
        rows: QuerySet[Course] = super().get_queryset(request)
        return rows.annotate(dates_known=Count("sessions"))

    @admin.display(description=_("sessions"), ordering="dates_known")
    def dates(self, course: Course) -> int:
        return int(getattr(course, "dates_known", 0))

    @admin.display(description=_("materials"))
    def handouts(self, course: Course | None) -> SafeString | str:
        if course is None or not course.title:
            return "–"
        url = reverse("training-staff:materials", args=[course.pk])
        return format_html('<a href="{}">{}</a>', url, _("Versions and who read them"))


@admin.register(Pool)
class PoolAdmin(ModelAdmin):
    list_display = ("name", "capacity", "taken")
    search_fields = ("name",)
    fields = ("name", "capacity", "taken", "dates")
    readonly_fields = ("taken", "dates")

    @admin.display(description=_("Sessions that share it"))
    def dates(self, pool: Pool) -> SafeString:
        """Where each goes in or out, on its own page."""
        sessions = pool.sessions.select_related("course").order_by("-starts_at")
        links = (
            (reverse("training-staff:share", args=[one.pk]), str(one), one.taken)
            for one in sessions[:100]
        )
        found = format_html_join("", '<li><a href="{}">{}</a> · {}</li>', links)
        return format_html("<ul>{}</ul>", found or _("None yet"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(
        self, request: HttpRequest, obj: Pool, form: Any, change: bool
    ) -> None:
        """The number of seats goes through the one place that promotes who waits."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        Pool.objects.filter(pk=obj.pk).update(name=obj.name)
        try:
            resize_pool(obj.pk, obj.capacity, access.act(request))
        except Refused as refused:
            self.message_user(request, refused.text, "error")
