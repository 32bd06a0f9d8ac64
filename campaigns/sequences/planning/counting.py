"""Whether a campaign measures openings and clicks: switched on and off by a person.

Off holds at once, for what is sent from then on and for what is followed of before;
links that were sent go on leading where they led.
"""

from datetime import datetime

from django.db import transaction

from accounts.staff.models import User
from campaigns.messages import measured
from campaigns.messages.models import MessageVersion
from campaigns.sequences.models import Campaign, CampaignAct

_Act = CampaignAct.Act


@transaction.atomic
def switch(campaign: Campaign, on: bool, by: User | None, at: datetime) -> bool:
    """Whether anything changed; the second click finds it done."""
    rows = Campaign.objects.filter(pk=campaign.pk, measures=not on)
    if not rows.update(measures=on):
        return False
    campaign.measures = on
    act = _Act.MEASURED if on else _Act.UNMEASURED
    CampaignAct.objects.create(campaign=campaign, act=act, by=by, at=at)
    if on:
        _keep_links(campaign)
    return True


def _keep_links(campaign: Campaign) -> None:
    """Of versions that were published before links were stored."""
    used = campaign.versions.values("steps__message_version")
    for version in MessageVersion.objects.filter(pk__in=used):
        measured.keep(version)
