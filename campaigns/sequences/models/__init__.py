"""To whom and when: campaigns, their steps, who is in them, and every message."""

from .attachments import DeliveryAttachment
from .brakes import Lane, SendingAct, SendingRules, Tally
from .campaigns import Campaign, CampaignAct, CampaignVersion, Step
from .deliveries import Attempt, Batch, Delivery, MeasuredDelivery, Queued
from .enrolments import Enrolment
from .running import Arming, Heartbeat

__all__ = [
    "Arming",
    "Attempt",
    "Batch",
    "Campaign",
    "CampaignAct",
    "CampaignVersion",
    "Delivery",
    "DeliveryAttachment",
    "Enrolment",
    "Heartbeat",
    "Lane",
    "MeasuredDelivery",
    "Queued",
    "SendingAct",
    "SendingRules",
    "Step",
    "Tally",
]
