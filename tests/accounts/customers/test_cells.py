"""One cell → one value."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.customers import problems
from accounts.customers.importing import cells, guesses, names, people
from accounts.customers.importing.cells import BadCell
from accounts.customers.readers import Exact


def code_of(parse, cell):
    with pytest.raises(BadCell) as bad:
        parse(cell)
    assert bad.value.code in problems.LINE
    return bad.value.code


comma, point = cells.amount(decimal="comma"), cells.amount(decimal="point")
dmy, mdy = cells.day(order="dmy"), cells.day(order="mdy")


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (comma, "8.692,07", "8692.07"),
        (comma, "1.234.567,8", "1234567.80"),
        (comma, "12,5", "12.50"),
        (comma, "1.234", "1234.00"),
        (comma, " 1 234,50 € ", "1234.50"),
        (comma, "123,45-", "-123.45"),
        (comma, "0,00", "0.00"),
        (point, "8,692.07", "8692.07"),
        (point, "8692.075", "8692.08"),
        (point, "£1'234.50", "1234.50"),
        (point, "(12.50)", "-12.50"),
        (point, "-12", "-12.00"),
        (comma, Exact("1234.5"), "1234.50"),
    ],
)
def test_amounts(parse, cell, value):
    assert parse(cell) == Decimal(value)


@pytest.mark.parametrize(
    ("parse", "cell", "code"),
    [
        (comma, "8,692.07", "not_a_number"),
        (point, "8.692,07", "not_a_number"),
        (comma, "1.23,45", "not_a_number"),
        (comma, "abc", "not_a_number"),
        (comma, "1-2", "not_a_number"),
        (comma, "--1", "not_a_number"),
        (point, "1e5", "not_a_number"),
        (point, "NaN", "not_a_number"),
        (point, Exact("inf"), "not_a_number"),
        (point, "9" * 13, "number_too_big"),
    ],
)
def test_amounts_that_are_none(parse, cell, code):
    assert code_of(parse, cell) == code


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=2))
def test_an_amount_reads_the_same_in_every_notation(value):
    english = f"{value:,.2f}"
    spanish = english.translate(str.maketrans(",.", ".,"))
    assert point(english) == comma(spanish) == point(f"{value:.2f}") == value


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (dmy, "21/07/2023", date(2023, 7, 21)),
        (dmy, "1.2.2023", date(2023, 2, 1)),
        (dmy, "01-02-23", date(2023, 2, 1)),
        (dmy, "01/02/99", date(1999, 2, 1)),
        (mdy, "01/02/2023", date(2023, 1, 2)),
        (dmy, "20230721", date(2023, 7, 21)),
        (mdy, "2023-07-21", date(2023, 7, 21)),
        (dmy, "21/07/2023 00:00:00", date(2023, 7, 21)),
        (dmy, "2023-07-21T10:00:00", date(2023, 7, 21)),
        (dmy, "29/02/2024", date(2024, 2, 29)),
        (dmy, "00000000", None),
        (dmy, "00/00/0000", None),
    ],
)
def test_dates(parse, cell, value):
    assert parse(cell) == value


@pytest.mark.parametrize(
    "cell", ["31/02/2023", "07/21/2023", "29/02/2023", "soon", "1/2", "21/07/1023"]
)
def test_dates_that_are_none(cell):
    assert code_of(dmy, cell) == "not_a_date"


@given(st.dates(date(1970, 1, 1), date(2060, 12, 31)))
def test_a_date_reads_the_same_in_every_order(day):
    assert dmy(f"{day:%d/%m/%Y}") == mdy(f"{day:%m/%d/%Y}") == day
    assert dmy(f"{day:%Y%m%d}") == dmy(day.isoformat()) == day


@pytest.mark.parametrize(
    ("word", "value"),
    [("Sí", True), ("no", False), ("YES", True), ("x", True), ("0", False)],
)
def test_yes_and_no(word, value):
    assert cells.flag(word) is value


def test_neither_yes_nor_no():
    assert code_of(cells.flag, "maybe") == "not_yes_or_no"


@pytest.mark.parametrize(
    ("words", "cell", "may"),
    [
        ("", "Todos", False),
        ("", "01", False),
        ("", "no", True),
        ("", "0", True),
        ("all, invoice", "Ship", True),
        ("all, invoice", "INVOICE", False),
    ],
)
def test_blocks(words, cell, may):
    assert cells.unless_blocked(words)(cell) is may


number = cells.number(strip_zeros=True)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("0000104000", "104000"),
        ("000", "0"),
        (' ="00123" ', "123"),
        ("AB-1", "AB-1"),
        (Exact("104000"), "104000"),
    ],
)
def test_customer_numbers(cell, value):
    assert number(cell) == value


def test_customer_numbers_that_are_none():
    assert code_of(number, "1,04E+11") == "number_scientific"
    assert code_of(number, "9" * 41) == "number_long"
    assert cells.number(strip_zeros=False)("0001") == "0001"


def test_texts_are_tidied_and_guarded():
    parse = cells.text(20)
    assert parse("  Supplies   Mun\u0303oz \n& Co. ") == "Supplies Muñoz & Co."
    assert parse("zero\u200bwidth\xa0blank") == "zero width blank"
    assert code_of(parse, "x" * 21) == "too_long"
    assert code_of(parse, "right\u202eleft") == "hidden"
    assert code_of(parse, "bell\x07") == "hidden"
    assert code_of(parse, "=1+1") == "formula"
    assert code_of(parse, "#N/A") == "cell_error"


def test_a_name_holds_no_link():
    parse = cells.name(100)
    assert parse("Mª Ángeles de la Fuente") == "Mª Ángeles de la Fuente"
    for bad in ("win at evil.com", "http://x", "<b>Ana</b>", "www.x.es"):
        assert code_of(parse, bad) == "link"


@pytest.mark.parametrize(
    ("cell", "code"),
    [("E", "en"), ("S", "es"), ("es-MX", "es"), ("English", "en"), ("español", "es")],
)
def test_languages(cell, code):
    assert cells.language(cell) == code


@pytest.mark.parametrize("cell", ["de", "D", "xx-YY", "klingon", "e-x"])
def test_languages_we_do_not_write_in(cell):
    assert code_of(cells.language, cell) == "language_not_offered"


@pytest.mark.parametrize(
    ("full", "parts"),
    [
        ("Nuria Vidal", ("Nuria", "Vidal")),
        ("María Ángeles de la Fuente", ("María Ángeles", "de la Fuente")),
        ("Juan Pérez García", ("Juan", "Pérez García")),
        ("José Luis Pérez García", ("José Luis", "Pérez García")),
        ("Vidal, Nuria", ("Nuria", "Vidal")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")),
        ("Cher", ("Cher", "")),
    ],
)
def test_full_names(full, parts):
    assert names.split(full) == parts


@pytest.mark.parametrize(
    ("cell", "keys"),
    [
        ("a@x.es", ["a@x.es"]),
        ("a@x.es; b@x.es", ["a@x.es", "b@x.es"]),
        ("A@X.ES / B@X.ES", ["a@x.es", "b@x.es"]),
        ("a@x.es b@x.es", ["a@x.es", "b@x.es"]),
        ("a@x.es,\nb@x.es;", ["a@x.es", "b@x.es"]),
        ('"Pérez, Ana" <a@x.es>', ["a@x.es"]),
        ("Ana <a@x.es>; Bea <b@x.es>", ["a@x.es", "b@x.es"]),
        ("mailto:a@x.es", ["a@x.es"]),
        ("a at x.es", [""]),
        ("sales/web@x.es", ["sales/web@x.es"]),
    ],
)
def test_several_addresses_in_a_cell(cell, keys):
    found = people.find(cell)
    assert [one.address.key if one.address else "" for one in found] == keys


def test_capitals_are_a_habit_of_systems_not_a_spelling():
    assert people.find("ANA@X.ES")[0].address.email == "ana@x.es"
    assert people.find("Ana@X.es")[0].address.email == "Ana@x.es"


def test_a_name_beside_its_address_is_kept():
    assert people.find("Ana Ruiz <a@x.es>")[0].name == "Ana Ruiz"


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        (["8.692,07", "338.030,77"], "comma"),
        (["8692.07"], "point"),
        (["8,692.07"], "point"),
        (["1.234.567"], "comma"),
        (["1234"], "point"),
        ([], "point"),
    ],
)
def test_the_decimal_mark_is_guessed(values, mark):
    assert guesses.decimal_mark(values) == mark


def test_the_order_of_dates_is_guessed():
    assert guesses.date_order(["01/02/2023", "21/07/2023"]) == "dmy"
    assert guesses.date_order(["01/02/2023", "07/21/2023"]) == "mdy"
    assert guesses.date_order(["20230721"]) == "dmy"


def test_filled_up_numbers_are_recognised():
    assert guesses.has_leading_zeros(["0000104000", "0000104007"])
    assert not guesses.has_leading_zeros(["0123", "99", "45"])
    assert not guesses.has_leading_zeros([])
