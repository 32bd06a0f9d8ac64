"""Anymail's views for Amazon SES, which load boto3: only where SES posts."""

from typing import Any

from anymail.webhooks import amazon_ses


class WithoutAws(amazon_ses.AmazonSESBaseWebhookView):
    """Reads what SNS posts without boto3; subscriptions are confirmed by a person."""

    def __init__(self, **kwargs: Any) -> None:
        self.auto_confirm_enabled = False
        super(amazon_ses.AmazonSESBaseWebhookView, self).__init__(**kwargs)


class Tracking(WithoutAws, amazon_ses.AmazonSESTrackingWebhookView):
    pass


class Inbound(WithoutAws, amazon_ses.AmazonSESInboundWebhookView):
    pass
