"""What a person enters about a campaign: its frame, its audience and its steps."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.forms.models import BaseInlineFormSet, inlineformset_factory
from django.http import QueryDict
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns.sequences import goals
from campaigns.sequences.audiences.rule_forms import RuleForm
from campaigns.sequences.models import Campaign, CampaignVersion, Step
from campaigns.sequences.planning import drafts, moments

#: More steps than these in one campaign is a slip of the pen.
MOST_STEPS = 20
MOST_WAIT_DAYS = 365
MOST_LATE_HOURS = 30 * 24


class CampaignForm(forms.ModelForm[Campaign]):
    class Meta:
        model = Campaign
        fields: tuple[str, ...] = ("name", "goal", "starts_at", "entry", "measures")
        widgets: ClassVar[dict[str, Any]] = {
            "name": forms.TextInput(attrs={"class": "ob-wide", "autocomplete": "off"}),
            "starts_at": forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            ),
        }
        labels: ClassVar[dict[str, Any]] = {
            "name": _("Name of the campaign"),
            "goal": _("What should it achieve?"),
            "starts_at": _("Nothing goes out before"),
            "measures": _("Measure openings and clicks"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "name": _("For you and your colleagues; customers do not see it."),
            "goal": _("Whoever has reached it gets no further message."),
            "measures": _(
                "Only of buyers who agreed to it on their page. Nothing in the "
                "campaign depends on it."
            ),
        }

    def __init__(self, *args: Any, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.at = at
        self.fields["goal"] = forms.ChoiceField(
            label=self.fields["goal"].label,
            help_text=self.fields["goal"].help_text,
            choices=goals.choices,
        )
        self.fields["entry"] = forms.ChoiceField(
            label=_("Who comes in"), choices=moments.entries, required=False
        )
        self.fields["starts_at"].help_text = gettext(
            "Time of %(zone)s. Empty: as soon as you start it."
        ) % {"zone": get_current_timezone_name()}

    def clean_starts_at(self) -> datetime | None:
        """A day that went by while the draft lay open is no reason to refuse it."""
        begins: datetime | None = self.cleaned_data["starts_at"]
        if begins and begins < self.at and "starts_at" in self.changed_data:
            raise forms.ValidationError(
                gettext(
                    "This is over already. Enter a day to come, or leave it empty to "
                    "begin as soon as you start it."
                ),
                code="past",
            )
        return begins


class StepForm(forms.ModelForm[Step]):
    """One step, with the conditions that are checked when it is due."""

    position = forms.IntegerField(
        required=False, min_value=0, max_value=1000, widget=forms.HiddenInput
    )
    wait_days = forms.IntegerField(
        label=_("Wait (days)"),
        help_text=_("After the step before; for the first step, after the start."),
        initial=0,
        min_value=0,
        max_value=MOST_WAIT_DAYS,
        widget=forms.NumberInput(attrs={"class": "ob-short"}),
    )
    late_after_hours = forms.IntegerField(
        label=_("Too late after (hours)"),
        help_text=_("If sending was held up that long, for example by a pause."),
        initial=48,
        min_value=1,
        max_value=MOST_LATE_HOURS,
        widget=forms.NumberInput(attrs={"class": "ob-short"}),
    )

    class Meta:
        model = Step
        fields: tuple[str, ...] = (
            "position",
            "name",
            "message",
            "wait_days",
            "send_at",
            "working_days",
            "late_after_hours",
            "late",
        )
        widgets: ClassVar[dict[str, Any]] = {
            "name": forms.TextInput(attrs={"class": "ob-wide", "autocomplete": "off"}),
            "message": forms.Select(attrs={"class": "ob-wide"}),
            "send_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }
        labels: ClassVar[dict[str, Any]] = {
            "name": _("Name of the step"),
            "message": _("Message"),
            "send_at": _("At (local time)"),
            "working_days": _("Only on working days"),
            "late": _("If it is too late"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "name": _("Optional, such as “Reminder”."),
            "send_at": _("By the clock of each buyer’s own time zone."),
            "working_days": _("A weekend or holiday moves it to the next working day."),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.rule = RuleForm(
            f"{self.prefix}-only_if",
            data=self.data if self.is_bound else None,
            rule=self.instance.only_if,
        )
        self.moment = moments.form_for(
            f"{self.prefix}-moment", self.instance, self.data if self.is_bound else None
        )

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or 0

    def clean(self) -> dict[str, Any] | None:
        if not self.rule.is_valid():
            raise forms.ValidationError(_("Look at the conditions of this step."))
        if not self.moment.is_valid():
            raise forms.ValidationError(_("Look at what this step is reckoned from."))
        return super().clean()

    def has_changed(self) -> bool:
        """Changing only its conditions is a change of the step."""
        changed = self._rule_changed() or self.moment.has_changed()
        return super().has_changed() or changed

    def _rule_changed(self) -> bool:
        if not self.rule.is_valid():
            return True
        return self.rule.rule != (self.instance.only_if or {})

    def save(self, commit: bool = True) -> Step:
        self.instance.only_if = self.rule.rule
        self.moment.read(self.instance)
        return super().save(commit)


class BaseStepFormSet(BaseInlineFormSet[Step, CampaignVersion, StepForm]):
    def save_in_order(self) -> None:
        """Store the steps, numbered as they stand on the page from 1."""
        self.save(commit=False)
        for gone in self.deleted_objects:
            gone.delete()
        kept = (form for form in self.forms if not self._is_gone(form))
        for place, form in enumerate(sorted(kept, key=_place), start=1):
            form.instance.position = place
            form.save()

    def _is_gone(self, form: StepForm) -> bool:
        untouched = form.instance._state.adding and not form.has_changed()
        return untouched or bool(form.cleaned_data.get("DELETE"))


def _place(form: StepForm) -> int:
    return int(form.cleaned_data.get("position") or 0)


StepFormSet = inlineformset_factory(
    CampaignVersion,
    Step,
    form=StepForm,
    formset=BaseStepFormSet,
    extra=0,
    max_num=MOST_STEPS,
    absolute_max=MOST_STEPS + 10,
    validate_max=True,
    can_delete=True,
)


class DraftForm:
    """The whole plan of a draft as one form; what is wrong is kept as it was typed."""

    def __init__(
        self, campaign: Campaign, at: datetime, data: QueryDict | None = None
    ) -> None:
        version = drafts.newest_version(campaign) or CampaignVersion(campaign=campaign)
        self.campaign = campaign
        self.frame = CampaignForm(data, instance=campaign, at=at)
        self.rule = RuleForm("audience", data=data, rule=campaign.audience)
        self.steps: Any = StepFormSet(data, instance=version, prefix="steps")

    def is_valid(self) -> bool:
        # A list, not a chain of `and`: every part shall show its own errors.
        parts = (self.frame, self.rule, self.steps)
        valid = [part.is_valid() for part in parts]
        return all(valid)

    def save(self) -> None:
        self.frame.instance.audience = self.rule.rule
        self.frame.save()
        self.steps.instance = drafts.version_of(self.campaign)
        self.steps.save_in_order()
