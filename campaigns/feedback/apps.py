from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FeedbackConfig(AppConfig):
    name = "campaigns.feedback"
    label = "feedback"
    verbose_name = _("Reports on delivery")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from campaigns.sequences import reasons
        from campaigns.sequences.results import panels
        from campaigns.sequences.sending import dispatcher

        from . import (  # noqa: F401 - some register by being imported
            concerns,
            effects,
            panel,
            privacy,
            process,
            proofs,
        )

        for slug, label in effects.REASONS.items():
            reasons.register(slug, label)
        dispatcher.register("feedback", process.process)
        panels.register("openings", panel.of_campaign, order=90)
