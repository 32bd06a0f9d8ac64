"""Limits and rules as a person types them."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from campaigns.messages import carriers
from campaigns.sequences.models import Lane, SendingRules

_DOMAIN = re.compile(
    r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}"
)
_PAIRS = ("bounce", "complaint", "failure")


class LaneForm(forms.ModelForm[Lane]):
    provider = forms.ChoiceField(label=_("Provider"), widget=UnfoldAdminSelectWidget)
    domains = forms.CharField(
        label=_("Recipients at"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_(
            "Domains such as gmail.com, googlemail.com, which share this limit. "
            "Empty: the provider as a whole."
        ),
    )

    class Meta:
        model = Lane
        fields = (
            "provider",
            "domains",
            "per_minute",
            "per_day",
            "first_day",
            "growth",
        )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["domains"] = ", ".join(self.instance.domains or [])
        if "provider" in self.fields:
            known = set(Lane.objects.values_list("provider", flat=True))
            names = sorted({getattr(settings, "MAIL_TRANSPORT", "outbox"), *known})
            self.fields["provider"].choices = [  # type: ignore[attr-defined]
                (one, carriers.name(one)) for one in names
            ]

    def clean_domains(self) -> list[str]:
        typed = re.split(r"[\s,;]+", self.cleaned_data["domains"].lower())
        found = [one.strip("@.") for one in typed if one.strip("@.")]
        for one in found:
            if not _DOMAIN.fullmatch(one):
                raise ValidationError(
                    _("“%(domain)s” is no domain. Write it as in gmail.com."),
                    params={"domain": one},
                )
        return sorted(set(found))

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        provider = found.get("provider", self.instance.provider)
        others = Lane.objects.filter(provider=provider).exclude(pk=self.instance.pk)
        domains = found.get("domains", [])
        taken = {one for lane in others for one in lane.domains} & set(domains)
        if taken:
            raise ValidationError(
                _("%(domains)s: another limit holds for it already."),
                params={"domains": ", ".join(sorted(taken))},
            )
        was_own = self.instance.pk is not None and not self.instance.domains
        if was_own and domains:
            raise ValidationError(
                _("This is the limit of the provider as a whole: add another one.")
            )
        if not domains and not was_own and any(not one.domains for one in others):
            raise ValidationError(
                _("The provider has its limit: change that one, or name domains.")
            )
        return found


class RulesForm(forms.ModelForm[SendingRules]):
    class Meta:
        model = SendingRules
        fields = (
            "weekly_cap",
            "bounce_warn",
            "bounce_stop",
            "complaint_warn",
            "complaint_stop",
            "failure_warn",
            "failure_stop",
        )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        for name in _PAIRS:
            warn, stop = found.get(f"{name}_warn"), found.get(f"{name}_stop")
            if warn is not None and stop is not None and warn > stop:
                self.add_error(
                    f"{name}_warn",
                    _("A warning after the pause comes too late: make it smaller."),
                )
        return found
