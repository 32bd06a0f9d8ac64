from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "campaigns.training"
    label = "training"
    verbose_name = _("Training")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.journal import kinds

        from . import proofs  # noqa: F401 - they register
        from .touchpoint import touchpoint

        for kind in touchpoint.kinds:
            kinds.register(kind.slug, kind.label)
