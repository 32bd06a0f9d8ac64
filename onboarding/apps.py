import sys

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OnboardingConfig(AppConfig):
    name = "onboarding"
    label = "onboarding"
    verbose_name = _("Onboarding")

    def ready(self) -> None:
        # The Celery app becomes the one of shared tasks, and the checks register.
        from . import celery, checks, safety  # noqa: F401

        if safety.is_serving(sys.argv):
            safety.refuse_unsafe()
