"""The admin's first page: for trainers, the sessions that they give."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect


def show(request: HttpRequest) -> HttpResponseBase:
    return admin.site.admin_view(_show)(request)


def _show(request: HttpRequest) -> HttpResponseBase:
    may = request.user.has_perm
    if may("training.teach") and not may("sequences.view_campaign"):
        return redirect("training-staff:sessions")
    return admin.site.index(request)
