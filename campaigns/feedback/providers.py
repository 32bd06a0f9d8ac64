"""The providers whose reports can be taken in, each with Anymail's views for them.

Anymail proves and reads what they post; here stands what it leaves out. Nothing of
it asks the network while a provider waits for its answer, or ever for attachments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import cast

from anymail.webhooks.base import AnymailCoreWebhookView
from django.utils.module_loading import import_string

_ANYMAIL = "anymail.webhooks"
_OURS = "campaigns.feedback"


@dataclass(frozen=True, slots=True)
class Provider:
    """``tracking`` and ``inbound`` name views, loaded when something is posted: those
    of SES alone bring in 10 MiB. ``late`` is how old a signed report may be: as long
    as the provider repeats one that we could not take, where it does not sign it anew.
    """

    slug: str
    tracking: str
    inbound: str = ""
    late: timedelta = timedelta(minutes=5)
    #: Headers that the reading needs too.
    headers: tuple[str, ...] = ()

    def view(self, *, inbound: bool) -> AnymailCoreWebhookView:
        """A new one: some remember what they have read."""
        path = self.inbound if inbound else self.tracking
        if not path:
            raise LookupError(self.slug)
        return cast(AnymailCoreWebhookView, import_string(path)())


PROVIDERS: Mapping[str, Provider] = {
    one.slug: one
    for one in (
        Provider(
            "amazon_ses",
            f"{_OURS}.views_of_ses.Tracking",
            f"{_OURS}.views_of_ses.Inbound",
            late=timedelta(hours=7),
            headers=("x-amz-sns-message-type", "x-amz-sns-message-id"),
        ),
        Provider(
            "brevo",
            f"{_ANYMAIL}.brevo.BrevoTrackingWebhookView",
            f"{_OURS}.views_of_brevo.Inbound",
        ),
        Provider(
            "mailersend",
            f"{_ANYMAIL}.mailersend.MailerSendTrackingWebhookView",
            f"{_ANYMAIL}.mailersend.MailerSendInboundWebhookView",
        ),
        Provider(
            "mailgun",
            f"{_ANYMAIL}.mailgun.MailgunTrackingWebhookView",
            f"{_ANYMAIL}.mailgun.MailgunInboundWebhookView",
            late=timedelta(hours=9),
        ),
        Provider(
            "mailjet",
            f"{_ANYMAIL}.mailjet.MailjetTrackingWebhookView",
            f"{_ANYMAIL}.mailjet.MailjetInboundWebhookView",
        ),
        Provider("mailtrap", f"{_ANYMAIL}.mailtrap.MailtrapTrackingWebhookView"),
        Provider(
            "mandrill",
            f"{_ANYMAIL}.mandrill.MandrillCombinedWebhookView",
            f"{_ANYMAIL}.mandrill.MandrillCombinedWebhookView",
        ),
        Provider(
            "postal",
            f"{_ANYMAIL}.postal.PostalTrackingWebhookView",
            f"{_ANYMAIL}.postal.PostalInboundWebhookView",
        ),
        Provider(
            "postmark",
            f"{_ANYMAIL}.postmark.PostmarkTrackingWebhookView",
            f"{_ANYMAIL}.postmark.PostmarkInboundWebhookView",
        ),
        Provider(
            "resend",
            f"{_ANYMAIL}.resend.ResendTrackingWebhookView",
            headers=("svix-id",),
        ),
        Provider(
            "sendgrid",
            f"{_ANYMAIL}.sendgrid.SendGridTrackingWebhookView",
            f"{_ANYMAIL}.sendgrid.SendGridInboundWebhookView",
            late=timedelta(hours=25),
        ),
        Provider(
            "sparkpost",
            f"{_ANYMAIL}.sparkpost.SparkPostTrackingWebhookView",
            f"{_ANYMAIL}.sparkpost.SparkPostInboundWebhookView",
        ),
        Provider(
            "unisender_go",
            f"{_ANYMAIL}.unisender_go.UnisenderGoTrackingWebhookView",
        ),
    )
}


@cache
def door(slug: str, *, inbound: bool) -> AnymailCoreWebhookView:
    """A view that proves what is posted; kept, since proving remembers nothing."""
    return PROVIDERS[slug].view(inbound=inbound)
