"""The holidays that a process of its own told are those of the library."""

import subprocess
import sys
from datetime import date

import holidays
import pytest

from campaigns.sequences import public_holidays


@pytest.mark.parametrize("year", [2012, 2026, 2031])
@pytest.mark.parametrize("country", ["ES", "GB", "UK", "IE", "MX", "CL", "US", "CN"])
def test_they_are_those_of_the_library(country, year):
    known = holidays.country_holidays(country, years=year)
    assert public_holidays.of(country, year) == set(known) != set()


@pytest.mark.parametrize("country", ["", "ZZ", "es", "ESP", "Spain"])
def test_who_is_no_country_has_none(country):
    assert public_holidays.of(country, 2026) == set()


def test_they_are_asked_for_once_a_year(monkeypatch):
    assert date(2026, 12, 25) in public_holidays.of("ES", 2026)
    monkeypatch.setattr(subprocess, "run", None)
    assert date(2026, 12, 25) in public_holidays.of("PT", 2026)


def test_a_process_that_fails_is_no_year_without_holidays(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(subprocess.CalledProcessError):
        public_holidays.of("ES", 1901)


def test_who_asks_carries_no_library_along():
    asked = (
        "from campaigns.sequences import public_holidays; import sys;"
        "assert public_holidays.of('ES', 2026);"
        "print('holidays' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], check=True, capture_output=True
    )
    assert done.stdout == b"False\n"
