"""The main time zone of a country, from the tables of the tz database."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# The table lists a country's zones from east to west or by age; these have their
# capital or most of their business in another one than the first.
MAIN = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "FM": "Pacific/Pohnpei",
    "KI": "Pacific/Tarawa",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}


def zone_for(country: str) -> str:
    """The zone of a two-letter country; the house's own where that is unknown."""
    return _main_zones().get(country.upper(), settings.TIME_ZONE)


def country_of(zone: str) -> str:
    """The country whose main zone it is; "" where there is none."""
    mains = _main_zones().items()
    return next((country for country, main in mains if main == zone), "")


def is_zone(name: str) -> bool:
    return name in _names()


def validate_zone(name: str) -> None:
    if not is_zone(name):
        raise ValidationError(_("No time zone goes by this name."), code="zone_unknown")


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _main_zones() -> Mapping[str, str]:
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    zones: dict[str, str] = {}
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _place, zone, *_comment = line.split("\t")
            zones.setdefault(country, zone)
    return {**zones, **MAIN}
