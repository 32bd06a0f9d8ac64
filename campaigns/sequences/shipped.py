"""A touchpoint's own message in its published form, made ready on first use."""

from datetime import datetime

import structlog
from django.conf import settings
from django.utils import translation

from campaigns.messages import publish, starters
from campaigns.messages.models import Brand, Message, MessageVersion
from campaigns.sequences import touchpoints

log = structlog.get_logger(__name__)


def version(touchpoint: str, starter: str, at: datetime) -> MessageVersion | None:
    """What the message says now; where that cannot be published, what it said last.

    None while there is no brand in whose name to write.
    """
    found = message(touchpoint, starter)
    if found is None:
        return None
    try:
        return publish.publish(found, None, at)
    except publish.NotPublishable:
        log.warning("shipped_message_not_publishable", message=found.pk)
        return found.versions.order_by("-number").first()


def message(touchpoint: str, starter: str) -> Message | None:
    """The default brand's, as marketing has changed it; at first as it is shipped."""
    brand = Brand.objects.order_by("-is_default", "pk").first()
    if brand is None:
        return None
    shipped = touchpoints.starter(touchpoint, starter)
    with translation.override(settings.LANGUAGE_CODE):
        return starters.add(
            shipped.slug,
            str(shipped.label),
            shipped.texts,
            service=shipped.service,
            touchpoint=touchpoint,
            brand=brand,
        )
