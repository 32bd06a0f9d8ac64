"""The admin's first page: for trainers, the sessions that they give.

Sales reps, who do not enter the admin, come to their own page.
"""

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from accounts.staff.models import Role, User


def show(request: HttpRequest) -> HttpResponseBase:
    user = request.user
    if isinstance(user, User) and user.role == Role.SALES_REP and not user.is_staff:
        return redirect("training-feed:mine")
    return admin.site.admin_view(_show)(request)


def _show(request: HttpRequest) -> HttpResponseBase:
    may = request.user.has_perm
    if may("training.teach") and not may("sequences.view_campaign"):
        return redirect("training-staff:sessions")
    return admin.site.index(request)
