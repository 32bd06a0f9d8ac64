"""Names of countries in the reader's language; the tables hold two letters."""

from functools import cache

from django.utils.translation import get_language


def name_of(code: str) -> str:
    """*code* itself where it is not an ISO 3166 one: imports bring odd values."""
    return _names(get_language() or "en").get(code, code)


@cache
def _names(language: str) -> dict[str, str]:
    from babel import Locale  # noqa: PLC0415 - its tables are heavy, few pages need them

    return dict(Locale.parse(language, sep="-").territories)
