"""Values of a database in a reader's notation."""

import pytest
from django.utils.translation import override

from accounts.customers import shown


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("0.00 ≠ 291392.82", "0,00 ≠ 291\xa0392,82"),
        ("2020-01-01 ≠ 2022-04-16", "01/01/2020 ≠ 16/04/2022"),
        ("Ebro ≠ Duero", "Ebro ≠ Duero"),
        ("2020-13-45 ≠ 1", "2020-13-45 ≠ 1"),
        ("291392.82", "291392.82"),
    ],
)
def test_what_contradicts_is_told_as_its_reader_writes_it(value, told):
    with override("es"):
        assert shown.both(value) == told


def test_an_instant_names_its_zone():
    with override("es"):
        assert shown.one("2027-11-20 11:00:00+00:00").endswith("12:00 (CET)")
