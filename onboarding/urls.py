"""Every address of the product. None carries a language: links outlive settings."""

from importlib.util import find_spec

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from .api import api

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


def mount(at: str, module: str) -> list[URLPattern | URLResolver]:
    """The app's addresses, once it has any."""
    return [path(at, include(module))] if find_spec(module) else []


urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    *mount("admin/reports/", "campaigns.adoption.urls"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("api/", api.urls),
    path("language/", include("django.conf.urls.i18n")),
    *mount("brand/", "campaigns.messages.urls"),
    *mount("i/", "campaigns.invitations.urls"),
    *mount("", "campaigns.portal.urls"),
]

if settings.DEMO:
    urlpatterns += mount("demo-store/", "onboarding.demo.urls")
