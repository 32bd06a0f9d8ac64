"""Public holidays of whole countries; run as a program, it prints those of a year.

The library takes 20 MiB and half a second, and each sender would carry it along for
days: it is asked in a process of its own, and what stays is some thousands of dates.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from functools import cache

#: Seconds for what takes less than one.
_PATIENCE = 60


def of(country: str, year: int) -> frozenset[date]:
    """None for a country (two letters) that nobody knows, or that is not named."""
    return _of_all(year).get(country, frozenset()) if country else frozenset()


@cache
def _of_all(year: int) -> Mapping[str, frozenset[date]]:
    # -P: what lies in the folder that somebody happens to be in is not the library.
    asked = [sys.executable, "-P", __file__, str(year)]
    said = subprocess.run(asked, check=True, capture_output=True, timeout=_PATIENCE)
    return {
        country: frozenset(map(date.fromisoformat, days))
        for country, days in json.loads(said.stdout).items()
    }


def _ask(year: int) -> dict[str, list[str]]:
    import holidays  # noqa: PLC0415 - see above

    codes = [code for code in holidays.list_supported_countries() if len(code) == 2]
    return {
        code: [str(day) for day in holidays.country_holidays(code, years=year)]
        for code in codes
    }


if __name__ == "__main__":
    json.dump(_ask(int(sys.argv[1])), sys.stdout)
