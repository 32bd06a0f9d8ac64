"""Puts an audience into its campaign: set-based, and at the hour of each buyer's zone.

A slice of the audience costs two statements, whatever its size. Repeated after a
kill, it goes on where it stopped: nobody can be enrolled twice.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce, NullIf

from accounts.customers.models import Buyer
from campaigns.sequences import schedule, subqueries, turns
from campaigns.sequences.audiences import audience
from campaigns.sequences.models import Campaign, CampaignVersion
from campaigns.sequences.schedule import Place

_PLACES = """
    WITH audience (buyer_id, account_id, zone, country) AS MATERIALIZED ({audience})
    SELECT max(buyer_id), zone, country FROM audience GROUP BY zone, country
"""
_ENROL = """
    WITH audience (buyer_id, account_id, zone, country) AS MATERIALIZED ({audience})
    INSERT INTO sequences_enrolment (campaign_id, version_id, account_id, buyer_id,
        state, exit_reason, position, due_at, enrolled_at)
    SELECT %(campaign)s, %(version)s, account_id, buyer_id, 'active', '', 0,
           CASE WHEN NOT %(parked)s THEN coalesce(place.due_at, %(elsewhere)s) END,
           %(at)s
    FROM audience LEFT JOIN unnest(
        %(zones)s::text[], %(countries)s::text[], %(dues)s::timestamptz[]
    ) AS place (zone, country, due_at) USING (zone, country)
    ON CONFLICT DO NOTHING
"""


def enrol(
    campaign: Campaign, version: CampaignVersion, *, after: int, limit: int
) -> int | None:
    """Enrol the next *limit* of the audience after buyer *after*.

    Returns the last buyer's id, or None when nobody was left. The audience is that
    of the moment the campaign was started.
    """
    at = campaign.started_at
    if at is None:
        raise ValueError("A campaign is started before anybody is enrolled.")
    if campaign.entry:
        return None  # they come one by one: `sending.anchors`
    people = _people(campaign, at).filter(pk__gt=after)
    places, last = _survey(people.order_by("pk")[:limit])
    if last is not None:
        dues = first_dues(version, places, campaign, at)
        _write(people.filter(pk__lte=last), campaign, version, dues)
    return last


def first_dues(
    version: CampaignVersion, places: Iterable[Place], campaign: Campaign, at: datetime
) -> dict[Place, datetime]:
    """When the first step is due at each of *places*."""
    first = turns.rule_of(version.steps.all()[0])
    begins = max(at, campaign.starts_at or at)
    return {place: schedule.first_due(first, place, at=begins) for place in places}


def _people(campaign: Campaign, at: datetime) -> QuerySet[Buyer]:
    return audience.buyers(campaign.audience, at).order_by()


def _rows(people: QuerySet[Buyer]) -> tuple[str, dict[str, Any]]:
    zone = Coalesce(NullIf("time_zone", Value("")), "account__time_zone")
    rows = people.values_list("pk", "account_id", zone, "account__country")
    return subqueries.embed(rows, "audience_")


def _survey(people: QuerySet[Buyer]) -> tuple[set[Place], int | None]:
    sql, values = _rows(people)
    with connection.cursor() as cursor:
        cursor.execute(_PLACES.format(audience=sql), values)
        found = cursor.fetchall()
    last = max((row[0] for row in found), default=None)
    return {Place(zone, country) for _last, zone, country in found}, last


def _write(
    people: QuerySet[Buyer],
    campaign: Campaign,
    version: CampaignVersion,
    dues: Mapping[Place, datetime],
) -> None:
    sql, values = _rows(people)
    with connection.cursor() as cursor:
        cursor.execute(
            _ENROL.format(audience=sql),
            {
                **values,
                "campaign": campaign.pk,
                "version": version.pk,
                "at": campaign.started_at,
                "zones": [place.zone for place in dues],
                "countries": [place.country for place in dues],
                "dues": list(dues.values()),
                # For a place that came into the audience between the statements.
                "elsewhere": max(dues.values()),
                # The first step waits for a moment of each one's own.
                "parked": bool(version.steps.all()[0].anchor),
            },
        )
