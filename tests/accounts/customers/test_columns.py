"""Which column holds what, by the names that the columns of real files bear."""

import pytest

from accounts.customers import columns
from accounts.customers.importing.kind import KIND
from accounts.customers.readers import Look


def guess(header):
    names = header.split(";")
    found = columns.guess(KIND, Look(None, names, []))
    return {slug: names[index] for slug, index in found.items()}


@pytest.mark.parametrize(
    "header",
    [
        "Nº cliente;Razón social;Correo;Nombre;Apellidos",
        "Nombre;Apellidos;Correo;Nº cliente;Razón social",
        "Nombre;Apellido;Correo;Nº cliente",
        "Customer number;Company;Name;Surname;E-mail",
    ],
)
def test_a_name_beside_last_names_is_a_persons(header):
    found = guess(header)

    assert found["first_name"] in {"Nombre", "Name"}
    assert found.get("name") in {"Razón social", "Company", None}


@pytest.mark.parametrize(
    ("header", "company"),
    [
        ("Nº cliente;Nombre;Correo", "Nombre"),
        ("Nº cliente;Nombre;Correo;Nombre de pila;Apellidos", "Nombre"),
        ("Account number;Name;First name;Last name", "Name"),
    ],
)
def test_elsewhere_it_is_the_companys(header, company):
    assert guess(header)["name"] == company
