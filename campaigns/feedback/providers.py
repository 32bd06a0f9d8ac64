"""The providers whose reports can be taken in, each with Anymail's views for them.

Anymail proves and reads what they post; here stands what it leaves out. Nothing of
it asks the network while a provider waits for its answer, or ever for attachments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from anymail.webhooks import (
    amazon_ses,
    brevo,
    mailersend,
    mailgun,
    mailjet,
    mailtrap,
    mandrill,
    postal,
    postmark,
    resend,
    sendgrid,
    sparkpost,
    unisender_go,
)
from anymail.webhooks.base import AnymailCoreWebhookView


class WithoutAws(amazon_ses.AmazonSESBaseWebhookView):
    """Reads what SNS posts without boto3; subscriptions are confirmed by a person."""

    def __init__(self, **kwargs: Any) -> None:
        self.auto_confirm_enabled = False
        super(amazon_ses.AmazonSESBaseWebhookView, self).__init__(**kwargs)


class SesTracking(WithoutAws, amazon_ses.AmazonSESTrackingWebhookView):
    pass


class SesInbound(WithoutAws, amazon_ses.AmazonSESInboundWebhookView):
    pass


class BrevoInbound(brevo.BrevoInboundWebhookView):
    """Leaves attachments where they are: they would be fetched one by one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(api_key="", **kwargs)

    def esp_to_anymail_event(self, esp_event: Mapping[str, Any]) -> Any:
        return super().esp_to_anymail_event({**esp_event, "Attachments": []})


@dataclass(frozen=True, slots=True)
class Provider:
    """``late`` is how old a signed report may be: as long as the provider repeats
    one that we could not take, where it does not sign it anew."""

    slug: str
    tracking: type[AnymailCoreWebhookView]
    inbound: type[AnymailCoreWebhookView] | None = None
    late: timedelta = timedelta(minutes=5)
    #: Headers that the reading needs too.
    headers: tuple[str, ...] = ()

    def view(self, *, inbound: bool) -> AnymailCoreWebhookView:
        """A new one: some remember what they have read."""
        kind = self.inbound if inbound else self.tracking
        if kind is None:
            raise LookupError(self.slug)
        return kind()


PROVIDERS: Mapping[str, Provider] = {
    one.slug: one
    for one in (
        Provider(
            "amazon_ses",
            SesTracking,
            SesInbound,
            late=timedelta(hours=7),
            headers=("x-amz-sns-message-type", "x-amz-sns-message-id"),
        ),
        Provider("brevo", brevo.BrevoTrackingWebhookView, BrevoInbound),
        Provider(
            "mailersend",
            mailersend.MailerSendTrackingWebhookView,
            mailersend.MailerSendInboundWebhookView,
        ),
        Provider(
            "mailgun",
            mailgun.MailgunTrackingWebhookView,
            mailgun.MailgunInboundWebhookView,
            late=timedelta(hours=9),
        ),
        Provider(
            "mailjet",
            mailjet.MailjetTrackingWebhookView,
            mailjet.MailjetInboundWebhookView,
        ),
        Provider("mailtrap", mailtrap.MailtrapTrackingWebhookView),
        Provider(
            "mandrill",
            mandrill.MandrillCombinedWebhookView,
            mandrill.MandrillCombinedWebhookView,
        ),
        Provider(
            "postal", postal.PostalTrackingWebhookView, postal.PostalInboundWebhookView
        ),
        Provider(
            "postmark",
            postmark.PostmarkTrackingWebhookView,
            postmark.PostmarkInboundWebhookView,
        ),
        Provider("resend", resend.ResendTrackingWebhookView, headers=("svix-id",)),
        Provider(
            "sendgrid",
            sendgrid.SendGridTrackingWebhookView,
            sendgrid.SendGridInboundWebhookView,
            late=timedelta(hours=25),
        ),
        Provider(
            "sparkpost",
            sparkpost.SparkPostTrackingWebhookView,
            sparkpost.SparkPostInboundWebhookView,
        ),
        Provider("unisender_go", unisender_go.UnisenderGoTrackingWebhookView),
    )
}


@cache
def door(slug: str, *, inbound: bool) -> AnymailCoreWebhookView:
    """A view that proves what is posted; kept, since proving remembers nothing."""
    return PROVIDERS[slug].view(inbound=inbound)
