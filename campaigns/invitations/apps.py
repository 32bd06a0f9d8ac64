from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InvitationsConfig(AppConfig):
    name = "campaigns.invitations"
    label = "invitations"
    verbose_name = _("Invitations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.journal import intake, kinds, sources

        from . import answers, named, privacy, proofs  # noqa: F401 - two register
        from .touchpoint import touchpoint

        for kind in touchpoint.kinds:
            kinds.register(kind.slug, kind.label)
        sources.add({answers.SOURCE: self.verbose_name})
        intake.register_buyer_resolver("invitation", named.resolve)
