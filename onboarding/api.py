"""The API as the store and the ERP see it, put together from the apps' routers."""

from django.conf import settings
from django.utils.module_loading import import_string
from ninja import NinjaAPI


def assemble() -> NinjaAPI:
    """Mount every router that the settings name."""
    api = NinjaAPI(
        title="Onboarding API",
        version="1.0",
        docs_url="/docs",
        openapi_url="/v1/openapi.json",
        urls_namespace="api",
    )
    for path, name in settings.API_ROUTERS:
        api.add_router(path, import_string(name))
    return api


api = assemble()
