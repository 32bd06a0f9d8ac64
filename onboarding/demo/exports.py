"""Writes the customers down as their ERP would: semicolons, cp1252, decimal commas."""

import csv
import io
from collections.abc import Iterable, Iterator
from random import Random

from .people import Company, Person

HEADER = (
    "Nº cliente",
    "Nombre",
    "Población",
    "Cód. país",
    "Segmento",
    "Cliente clave",
    "Cód. vendedor",
    "Ventas (DL)",
    "Fecha alta",
    "Bloqueado",
    "Motivo bloqueo",
    "Nombre de pila",
    "Apellidos",
    "Correo electrónico",
    "Teléfono",
    "Idioma",
)


def write_customers(random: Random, companies: Iterable[Company]) -> bytes:
    """The export of all *companies*, one line per person."""
    text = io.StringIO(newline="")
    sheet = csv.writer(text, delimiter=";", lineterminator="\r\n")
    sheet.writerow(HEADER)
    for company in companies:
        sheet.writerows(_lines(random, company))
    return text.getvalue().encode("cp1252")


def write_faulty(companies: list[Company]) -> bytes:
    """A later export with the faults that such files have."""
    good, *others = companies[:6]
    rows = [
        [good.number, good.name, "", "ES", "", "", "", "", "", "", "", "Rosa", "Campos",
         "rosa.campos at correo.example", "", "es"],
        ["", "Sin número, S.L.", "", "ES", "", "", "", "", "", "", "", "Luis", "Prado",
         "luis.prado@sinnumero.example", "", "es"],
        *[
            [one.number, one.name, one.city, one.country.code, one.segment, "", "",
             "12.000,5O", "31/02/2026", "", "", "", "", "", "", ""]
            for one in others
        ],
    ]  # fmt: skip
    text = io.StringIO(newline="")
    sheet = csv.writer(text, delimiter=";", lineterminator="\r\n")
    sheet.writerow(HEADER)
    sheet.writerows(rows)
    return text.getvalue().encode("cp1252")


def _lines(random: Random, company: Company) -> Iterator[list[str]]:
    yearly = company.size * 365 / company.rhythm
    common = [
        company.number,
        company.name,
        company.city,
        company.country.code,
        company.segment,
        "Sí" if company.is_key else "No",
        company.rep_code,
        f"{yearly:,.2f}".translate(str.maketrans(",.", ".,")),
        _date(random),
        "Todos" if company.blocked_because else "",
        company.blocked_because,
    ]
    for person in company.people:
        yield [*common, *_cells(person, company.country.language)]


def _date(random: Random) -> str:
    day, month = random.randint(1, 28), random.randint(1, 12)
    return f"{day:02d}/{month:02d}/{random.randint(1998, 2024)}"


def _cells(person: Person, language: str) -> list[str]:
    return [person.first_name, person.last_name, person.email, person.phone, language]
