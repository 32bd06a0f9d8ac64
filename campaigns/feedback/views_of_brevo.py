"""Anymail's view for Brevo's inbound mails, which would fetch their attachments."""

from collections.abc import Mapping
from typing import Any

from anymail.webhooks import brevo


class Inbound(brevo.BrevoInboundWebhookView):
    """Leaves attachments where they are: they would be fetched one by one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(api_key="", **kwargs)

    def esp_to_anymail_event(self, esp_event: Mapping[str, Any]) -> Any:
        return super().esp_to_anymail_event({**esp_event, "Attachments": []})
