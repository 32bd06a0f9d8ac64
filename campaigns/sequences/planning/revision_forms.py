"""What a person may change of a campaign that runs, as one form."""

from typing import Any

from django import forms
from django.db.models import TextChoices
from django.http import QueryDict

from campaigns.messages.models import MessageVersion
from campaigns.sequences.models import Campaign, Step
from campaigns.sequences.planning import moments, reach, revision, wording
from campaigns.sequences.planning.forms import CampaignForm, StepForm
from campaigns.sequences.planning.reach import Reach
from campaigns.sequences.planning.revision import Revised


class Text(TextChoices):
    """Who gets the newest text of a step's message."""

    KEEP = "keep"
    COMING = "coming"
    ALL = "all"


class NameForm(forms.ModelForm[Campaign]):
    class Meta(CampaignForm.Meta):
        fields = ("name",)


class RevisedStepForm(StepForm):
    """The step's settings; which message it is, and its place, stay."""

    position = None  # type: ignore[assignment]
    text = forms.ChoiceField(choices=Text.choices, required=False, initial=Text.KEEP)

    class Meta(StepForm.Meta):
        fields = (
            "name",
            "wait_days",
            "send_at",
            "working_days",
            "late_after_hours",
            "late",
        )

    def __init__(self, *args: Any, reached: Reach, **options: Any) -> None:
        super().__init__(*args, **options)
        self.reached = reached
        self.stored = revision.values_of(self.instance)
        self.called = str(self.instance)
        self.is_newer = wording.is_newer(self.instance)
        self._keep_anchor()
        if self.instance.anchor:
            for name in ("wait_days", "send_at", "working_days"):
                del self.fields[name]

    def _keep_anchor(self) -> None:
        """Also one that does not exist here any more: the rest can still be changed."""
        anchor = self.instance.anchor
        self.moment.fields["anchor"] = forms.CharField(required=False, disabled=True)
        self.moment.fields["amount"].required = bool(anchor)
        self.moment.fields["unit"].required = bool(anchor)

    @property
    def anchor_label(self) -> str:
        choices = dict(moments.anchors())
        return str(choices.get(self.instance.anchor, self.instance.anchor))

    def shows_settings(self) -> bool:
        """Only what was typed, or is wrong, is worth to be opened at once."""
        typed = self.stored != revision.values_of(self.instance)
        return self.is_bound and (bool(self.errors) or typed)

    @property
    def differences(self) -> list[wording.Difference]:
        return wording.differences(self.instance)

    @property
    def is_framed_otherwise(self) -> bool:
        return wording.is_framed_otherwise(self.instance)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self.instance.only_if = self.rule.rule
        self.moment.read(self.instance)
        return cleaned

    @property
    def offers_coming(self) -> bool:
        """Is there anybody for whom the newest text would be still to come?"""
        some = self.reached.coming or self.instance.version.campaign.entry
        return self.is_newer and bool(some or not self.reached.outdated)

    @property
    def chosen(self) -> str:
        """Which text is asked for; the old one where there is no other for anybody."""
        chosen = str(self["text"].value() or Text.KEEP)
        planned = chosen == Text.ALL and self.reached.outdated
        return chosen if self.is_newer or planned else Text.KEEP

    def is_different(self) -> bool:
        """Would saving change anything?"""
        changed = self.stored != revision.values_of(self.instance)
        return changed or self.chosen != Text.KEEP


class RevisionForm:
    """The whole plan of a running campaign; ``fingerprint`` is that of what stands."""

    def __init__(self, campaign: Campaign, data: QueryDict | None = None) -> None:
        steps = revision.steps_of(campaign)
        reached = reach.of(campaign, steps)
        self.campaign = campaign
        self.fingerprint = revision.fingerprint(campaign, steps)
        self.stored_name = campaign.name
        self.is_bound = data is not None
        self.name = NameForm(data, instance=campaign)
        self.steps = [
            RevisedStepForm(
                data, instance=step, prefix=f"step-{step.pk}", reached=reached[step.pk]
            )
            for step in steps
        ]

    def is_valid(self) -> bool:
        # A list, not a chain of `and`: every part shall show its own errors.
        valid = [self.name.is_valid(), *(step.is_valid() for step in self.steps)]
        return all(valid)

    def is_different(self) -> bool:
        renamed = self.campaign.name != self.stored_name
        return renamed or any(step.is_different() for step in self.steps)

    def steps_to_publish(self) -> list[Step]:
        return [step.instance for step in self.steps if step.chosen != Text.KEEP]

    def revised(self, texts: dict[int, MessageVersion]) -> list[Revised]:
        """What was asked for, with the *texts* that were published for it."""
        return [
            Revised(
                step.instance,
                texts.get(step.instance.pk),
                planned_too=step.chosen == Text.ALL,
            )
            for step in self.steps
            if step.is_different()
        ]
