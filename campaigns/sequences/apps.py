from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SequencesConfig(AppConfig):
    name = "campaigns.sequences"
    label = "sequences"
    verbose_name = _("Campaigns")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts.journal import reactions
        from campaigns.messages import names, placeholders

        from . import privacy, proofs, touchpoints  # noqa: F401 - two register
        from .planning import message_uses  # noqa: F401 - registers
        from .results import domains, funnel  # noqa: F401 - domains registers

        for link in touchpoints.links():
            placeholders.register(f"links.{link.name}", link.label, link.sample)
        for touchpoint in touchpoints.installed():
            for starter in touchpoint.starters:
                names.register(f"{touchpoint.slug}.{starter.slug}", starter.label)
        for group in touchpoints.facts():
            for fact in group.facts:
                name = f"{group.name}.{fact.name}"
                # In the language of whoever looks at the sample.
                sample = partial(str, fact.sample)
                placeholders.register(name, fact.label, sample, group.label)
        reactions.register(funnel.NAME, funnel.kinds, funnel.follow)
