"""The API as the store and the ERP see it, put together from the apps' routers."""

from importlib.util import find_spec

from django.conf import settings
from django.utils.module_loading import import_string
from ninja import NinjaAPI, Router


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
        if (router := load(name)) is not None:
            api.add_router(path, router)
    return api


def load(name: str) -> Router | None:
    module = name.rpartition(".")[0]
    return import_string(name) if find_spec(module) else None


api = assemble()
