"""Every address of the product. None carries a language: links outlive settings."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView

from . import first_page, login, second_factor
from .api import api
from .unfold import icon

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


def favicon(request: HttpRequest) -> HttpResponse:
    """What browsers ask for by themselves on pages that name no icon."""
    return redirect(icon(request))


@csrf_exempt
def unknown_call(request: HttpRequest, call: str) -> HttpResponse:
    """For programs, which read no pages of ours."""
    told = {"detail": f"There is no /api/{call}. All there is: /api/docs"}
    return JsonResponse(told, status=404)


urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("favicon.ico", favicon, name="favicon"),
    path("admin/sending/", include("campaigns.sequences.urls")),
    path("admin/openings/", include("campaigns.feedback.staff_urls")),
    path("admin/reports/", include("campaigns.adoption.urls")),
    path("admin/", first_page.show),
    path("admin/sessions/", include("campaigns.training.staff_urls")),
    path("admin/", admin.site.urls),
    # Before the library's own pages of these addresses.
    path("accounts/email/", login.show_address, name="account_email"),
    path("accounts/confirm-email/", login.not_here),
    path("accounts/confirm-email/<path:key>", login.not_here),
    path("accounts/session/", login.tell, name="session"),
    path("accounts/second-factor/", second_factor.lead, name="second_factor"),
    path("accounts/", include("allauth.urls")),
    path("api/", api.urls),
    path("api/<path:call>", unknown_call),
    path("language/", include("django.conf.urls.i18n")),
    path("brand/", include("campaigns.messages.urls")),
    path("i/", include("campaigns.invitations.urls")),
    path("c/", include("campaigns.training.feed_urls")),
    path("t/", include("campaigns.training.urls")),
    path("m/", include("campaigns.feedback.door_urls")),
    path("webhooks/", include("campaigns.feedback.urls")),
    path("", include("campaigns.portal.urls")),
]

handler500 = "onboarding.outage.show_error"

if settings.DEMO:
    urlpatterns.append(path("demo-store/", include("onboarding.demo.urls")))
