"""A course's materials: their versions, a new one, and who has read them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.customers import lines
from accounts.journal import clock
from campaigns.training import handouts, listing
from campaigns.training.models import Course, Material, MaterialView

from . import access


class VersionForm(forms.Form):
    """What the material holds from now on: a file, or an address."""

    file = forms.FileField(label=gettext_lazy("File"), required=False)
    url = forms.URLField(
        label=gettext_lazy("Address"),
        required=False,
        max_length=500,
        assume_scheme="https",
    )

    def __init__(self, material: Material, *args: Any) -> None:
        super().__init__(*args)
        unused = "url" if material.kind == Material.Kind.FILE else "file"
        del self.fields[unused]
        for field in self.fields.values():
            field.required = True

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > handouts.LARGEST:
            raise forms.ValidationError(
                _("The file is larger than 20 MB. Put it elsewhere and give a link.")
            )
        lines.validate_line(file.name)
        return file


@access.needs("training.change_course")
@require_safe
def materials(request: HttpRequest, course_id: int) -> HttpResponseBase:
    course = get_object_or_404(Course, pk=course_id)
    return access.show(
        request,
        "materials.html",
        course.title,
        course=course,
        materials=listing.materials(course),
    )


@access.needs("training.change_course")
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, material_id: int) -> HttpResponseBase:
    material = get_object_or_404(Material, pk=material_id)
    posted = request.method == "POST"
    form = VersionForm(material, *((request.POST, request.FILES) if posted else ()))
    if posted and form.is_valid():
        version = _publish(request, material, form.cleaned_data)
        text = _("Version %(n)d is what customers get from now on.")
        messages.success(request, text % {"n": version.number})
        return redirect("training-staff:materials", material.course_id)
    response = access.show(
        request, "publish.html", material.title, material=material, form=form
    )
    response.status_code = 400 if posted else 200
    return response


def _publish(request: HttpRequest, material: Material, given: dict[str, Any]) -> Any:
    by, at = access.person(request), clock.now()
    if material.kind != Material.Kind.FILE:
        return handouts.publish_link(material, given["url"], by, at)
    file = given["file"]
    return handouts.publish_file(
        material,
        name=file.name[-150:],
        content_type=file.content_type or "",
        content=file.read(),
        by=by,
        at=at,
    )


@access.needs("training.change_course")
@require_safe
def readers(request: HttpRequest, material_id: int) -> HttpResponseBase:
    material = get_object_or_404(
        Material.objects.select_related("course"), pk=material_id
    )
    views = MaterialView.objects.filter(version__material=material)
    return access.show(
        request,
        "readers.html",
        material.title,
        material=material,
        views=views.select_related("version", "buyer__account")[:1000],
    )
