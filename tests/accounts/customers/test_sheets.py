"""No cell of a file for a spreadsheet becomes a formula, however it is cut."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.customers import sheets


@pytest.mark.parametrize("text", ["=1+1", "Acme;=1+1", "Acme,@x", "a\t-1", "a\n+1"])
@pytest.mark.parametrize("separator", list(";,\t"))
def test_what_begins_as_a_formula_does_not(text, separator):
    for cell in cut(sheets.harmless(text), separator):
        assert not cell.startswith(("=", "+", "-", "@"))


@given(st.text(alphabet="=+-@;,\t\r\n'ab ", max_size=12), st.sampled_from(";,\t"))
def test_no_text_becomes_one(text, separator):
    assert not any(
        cell.startswith(("=", "+", "-", "@"))
        for cell in cut(sheets.harmless(text), separator)
    )


def test_other_text_stays_as_it_is():
    assert sheets.harmless("Ana; Ruiz, 4 - 5 = 9") == "Ana; Ruiz, 4 - 5 = 9"


def cut(text, separator):
    """As a program does that knows nothing of our quotes."""
    lines = csv.reader(
        io.StringIO(text, newline=None), delimiter=separator, quoting=csv.QUOTE_NONE
    )
    return [cell for line in lines for cell in line]
