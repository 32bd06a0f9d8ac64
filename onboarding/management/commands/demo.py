from django.conf import settings

from onboarding import summary

from .up import Command as Up


class Command(Up):
    help = "Start everything with demo data, and say where to look and how to log in."
    preparations = (*Up.preparations, ("load_demo",))

    def greet(self) -> str:
        return summary.describe(settings.SITE_URL, summary.recall(settings.DATA_DIR))
