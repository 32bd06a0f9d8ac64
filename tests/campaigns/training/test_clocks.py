"""Zones as customers say them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from campaigns.training import clocks

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "language", "words"),
    [
        ("Europe/Madrid", "es", "hora de Madrid"),
        ("Europe/Madrid", "en", "Madrid time"),
        ("Europe/London", "es", "hora de Londres"),
        ("America/Mexico_City", "en", "Mexico City time"),
        ("America/Argentina/Buenos_Aires", "es", "hora de Buenos Aires"),
        ("UTC", "es", "UTC"),
        ("EST", "en", "EST"),
        ("Etc/GMT+3", "en", "UTC-03"),
    ],
)
def test_a_zone_is_said_by_its_city_where_it_has_one(zone, language, words):
    with override(language):
        assert clocks.whose(NOON.astimezone(ZoneInfo(zone)), zone) == words
