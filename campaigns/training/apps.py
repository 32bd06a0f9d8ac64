from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrainingConfig(AppConfig):
    name = "campaigns.training"
    label = "training"
    verbose_name = _("Training")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.customers import jobs, problems
        from accounts.journal import kinds, sources
        from campaigns.sequences import goals

        from . import privacy, proofs  # noqa: F401 - they register
        from .attendance.kind import KIND
        from .attendance.wrongs import OF_LINES
        from .goals import GOALS
        from .kinds import SOURCE
        from .touchpoint import touchpoint

        for kind in touchpoint.kinds:
            kinds.register(kind.slug, kind.label)
        sources.add({SOURCE: self.verbose_name})
        jobs.register(KIND)
        problems.add(OF_LINES)
        for goal in GOALS:
            goals.register(goal)
