from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AdoptionConfig(AppConfig):
    name = "campaigns.adoption"
    label = "adoption"
    verbose_name = _("Adoption")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from campaigns.sequences.results import panels

        from . import panel, proofs  # noqa: F401 - registers what an audit asks

        panels.register("adoption", panel.of_campaign)
