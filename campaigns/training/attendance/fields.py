"""What a column of an attendance list can be matched to, and the names it goes by.

The names are those that the tools document: Zoom's meeting and webinar reports, the
attendance report of Microsoft Teams, that of Google Meet; in English and Spanish.
"""

from django.utils.translation import gettext_lazy as _

from accounts.customers.jobs import Field


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(","))


#: Names are folded: no case, no accents, no signs (`countries.fold`).
FIELDS = (
    Field(
        "email",
        _("E-mail address"),
        _names(
            "email, e mail, user email, email address, mail, participant email,"
            " attendee email, correo, correo electronico, direccion de correo,"
            " direccion de correo electronico, correo electronico del usuario,"
            " email del usuario"
        ),
    ),
    Field(
        "full_name",
        _("Name"),
        _names(
            "name, full name, name original name, user name original name, user name,"
            " participant, participant name, attendee, attendee name, nombre completo,"
            " nombre y apellidos, nombre nombre original, nombre original,"
            " nombre de usuario nombre original, nombre de usuario, participante,"
            " asistente"
        ),
    ),
    Field("first_name", _("First name"), _names("first name, given name, nombre")),
    Field(
        "last_name",
        _("Last name"),
        _names("last name, surname, family name, apellidos, apellido"),
    ),
    Field(
        "company",
        _("Company"),
        _names(
            "organization, organisation, company, company name, account, empresa,"
            " organizacion, compania"
        ),
    ),
    Field(
        "minutes",
        _("How long the person was there"),
        _names(
            "duration, duration minutes, total duration, total duration minutes,"
            " in meeting duration, time in session minutes, time in session,"
            " meeting duration, attendance duration, duracion, duracion minutos,"
            " duracion total, duracion total minutos, duracion en la reunion,"
            " duracion de la reunion, tiempo en la reunion,"
            " tiempo en la sesion minutos, tiempo en sesion minutos"
        ),
    ),
    Field(
        "attended",
        _("Attended (yes or no)"),
        _names("attended, asistio, asistencia, attendance"),
    ),
)

#: Seen beside those above, they tell a list of people from other lists.
TIMES = _names(
    "join time, leave time, first join, last leave, first join time, last leave time,"
    " time joined, time exited, joined, left, hora de entrada, hora de salida,"
    " hora de union, hora a la que se unio, hora a la que salio, primera union,"
    " primera entrada, ultima salida, se unio, salio, unirse, salir"
)

_BY_NAME = {name: field.slug for field in FIELDS for name in field.headers}


def slug_of(folded: str) -> str:
    """The field that a column of this name holds; "" where it is none of ours."""
    return _BY_NAME.get(folded, "")
