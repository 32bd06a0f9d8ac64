from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class JournalConfig(AppConfig):
    name = "accounts.journal"
    label = "journal"
    verbose_name = _("Journal")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.customers import jobs, problems

        from . import (  # noqa: F401 - some register by being imported
            checks,
            orders,
            privacy,
            progress,
            proofs,
            reactions,
            receivers,
            wrongs,
        )

        jobs.register(orders.KIND)
        problems.add(wrongs.OF_FILES)
        reactions.register(progress.NAME, None, progress.add)
        post_migrate.connect(make_partitions, sender=self)


def make_partitions(**kwargs: object) -> None:
    """After every migration the months ahead are there."""
    from . import clock, partitions

    if partitions.exist():
        partitions.ensure(clock.now())
