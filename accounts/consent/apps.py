from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsentConfig(AppConfig):
    name = "accounts.consent"
    label = "consent"
    verbose_name = _("Consent")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import declared  # noqa: F401 - listens to what imports declare
        from .privacy import consents, customers  # noqa: F401 - they register
