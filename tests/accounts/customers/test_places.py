"""Countries as people write them, and the hours they keep."""

from zoneinfo import ZoneInfo

import pytest

from accounts.customers import countries, zones


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("ES", "ES"),
        ("es", "ES"),
        ("ESP", "ES"),
        ("España", "ES"),
        ("ESPANA", "ES"),
        ("Spain", "ES"),
        ("United Kingdom", "GB"),
        ("UK", "GB"),
        ("EIRE", "IE"),
        ("USA", "US"),
        ("U.S.A.", "US"),
        ("EE. UU.", "US"),
        ("RSA", "ZA"),
        ("Países Bajos", "NL"),
        ("Holanda", "NL"),
        ("Czech Republic", "CZ"),
        ("Chequia", "CZ"),
        ("Méjico", "MX"),
        ("Côte d’Ivoire", "CI"),
        ("Bosnia y Herzegovina", "BA"),
    ],
)
def test_countries_in_their_spellings(written, code):
    assert countries.code_for(written) == code


@pytest.mark.parametrize(
    "written", ["Unspecified", "European Community", "Channel Islands", "", "XX", "?"]
)
def test_what_is_no_one_country_is_left_open(written):
    assert countries.code_for(written) == ""


def test_every_country_has_two_names_and_a_zone_that_exists():
    codes = {code for code, _name in countries._spellings()}
    assert len(codes) == 249
    for code in codes - {"BV", "HM"}:  # nobody lives there
        assert zones.zone_for(code) in zones._names(), code
        ZoneInfo(zones.zone_for(code))


@pytest.mark.parametrize(
    ("country", "zone"),
    [
        ("ES", "Europe/Madrid"),
        ("MX", "America/Mexico_City"),
        ("US", "America/New_York"),
        ("BR", "America/Sao_Paulo"),
        ("AU", "Australia/Sydney"),
        ("CA", "America/Toronto"),
        ("RU", "Europe/Moscow"),
        ("CL", "America/Santiago"),
        ("PT", "Europe/Lisbon"),
    ],
)
def test_the_main_zone_is_where_business_is(country, zone):
    assert zones.zone_for(country) == zone


def test_the_house_s_zone_where_the_country_is_unknown(settings):
    settings.TIME_ZONE = "America/Bogota"
    assert zones.zone_for("") == zones.zone_for("??") == "America/Bogota"
