"""The Spanish catalogues are complete and sound, and compiled as they are written."""

import re
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils.dates import MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR

CATALOGUES = [
    Path(folder) / "es" / "LC_MESSAGES" / "django.po"
    for folder in settings.LOCALE_PATHS
]
NAMED = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(params=CATALOGUES, ids=lambda path: path.parents[2].name)
def path(request):
    return request.param


def test_nothing_is_left_untranslated_or_doubtful(path):
    left = [e.msgid for e in polib.pofile(path) if not e.translated() or e.fuzzy]
    assert not left, f"Translate these in {path.name}: {left}"


def test_translations_keep_the_placeholders(path):
    for entry in polib.pofile(path):
        one, many = _named(entry.msgid), _named(entry.msgid_plural or entry.msgid)
        assert not entry.msgstr or _named(entry.msgstr) == one, entry.msgid
        for form, text in entry.msgstr_plural.items():
            assert _named(text) == many or (form == 0 and _named(text) == one), text


def test_every_plural_has_the_three_forms_of_spanish(path):
    plurals = [entry for entry in polib.pofile(path) if entry.msgid_plural]
    assert all(sorted(entry.msgstr_plural) == [0, 1, 2] for entry in plurals)


def test_the_compiled_catalogue_is_the_written_one(path):
    written = polib.MOFile()
    compiled = polib.mofile(path.with_suffix(".mo"))
    for entry in polib.pofile(path):
        written.append(entry)
    assert _texts(compiled) == _texts(written)


def _named(text):
    return set(NAMED.findall(text))


def _texts(entries):
    return {
        (e.msgctxt, e.msgid): (e.msgstr, tuple(sorted(e.msgstr_plural.items())))
        for e in entries
    }


def test_no_word_of_ours_takes_a_month_or_day_from_django(path):
    """Catalogues are merged: our “may” made May of every year “puede”."""
    ours = {e.msgid for e in polib.pofile(path) if not e.msgctxt}
    tables = (MONTHS, MONTHS_3, WEEKDAYS, WEEKDAYS_ABBR)
    names = {str(name) for table in tables for name in table.values()}
    assert not ours & names
