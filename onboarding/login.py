"""Staff log in; nobody signs up; and links in mails come from the settings."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


class StaffAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        # As allauth does, but never from the Host header, which a stranger may forge.
        path = reverse("account_reset_password_from_key", args=["UID", "KEY"])
        return settings.SITE_URL + path.replace("UID-KEY", quote(key))

    def send_mail(
        self, template_prefix: str, email: str, context: dict[str, Any]
    ) -> None:
        site = SimpleNamespace(name="Onboarding", domain=settings.SITE_HOST)
        super().send_mail(template_prefix, email, {**context, "current_site": site})


@never_cache
@require_safe
def tell(request: HttpRequest) -> JsonResponse:
    """The token for a form about to go; none where nobody is logged in."""
    token = get_token(request) if request.user.is_authenticated else None
    return JsonResponse({"token": token})


@login_required
@require_safe
def show_address(request: HttpRequest) -> HttpResponse:
    """Who could add an address of her own choice could make the brand write to it."""
    return render(request, "account/address.html")


def not_here(request: HttpRequest, **_named: str) -> HttpResponse:
    """A page of the log-in's library that has no business with staff."""
    raise Http404
