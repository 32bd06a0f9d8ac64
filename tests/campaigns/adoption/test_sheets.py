"""CSV: readable by every spreadsheet, runnable by none."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.adoption import sheets


@given(st.text())
def test_no_text_can_begin_a_formula(text):
    written = sheets.cell(text)

    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert _bare(written) == _bare(text)


def _bare(text):
    """Without what makes it harmless."""
    return text.replace("'", "").replace("\0", "")


@given(st.lists(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])))))
def test_what_is_written_can_be_read_again(rows):
    rows = [["begin", *row] for row in rows]

    text = "".join(sheets.lines(rows, excel=False, comma=False))

    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [[sheets.cell(value) for value in row] for row in rows]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (7, "7"),
        (date(2026, 2, 1), "2026-02-01"),
        (datetime(2026, 7, 1, 10, tzinfo=UTC), "2026-07-01 12:00"),
        (Fraction(1, 3), "0.333333"),
        (Fraction(1, 1), "1"),
        (Decimal("-12.50"), "-12.5"),
        ("=1+1", "'=1+1"),
        ("-5", "'-5"),
        ("Ana", "Ana"),
    ],
)
def test_a_cell(value, written):
    assert sheets.cell(value) == written


def test_excel_gets_a_mark_and_what_her_language_expects():
    rows = [["a", Decimal("1.5")]]

    assert list(sheets.lines(rows, excel=True, comma=True)) == [
        sheets.BOM,
        "a;1,5\r\n",
    ]
    assert list(sheets.lines(rows, excel=True, comma=False)) == [
        sheets.BOM,
        "a,1.5\r\n",
    ]
    assert list(sheets.lines(rows, excel=False, comma=True)) == ["a,1.5\r\n"]
