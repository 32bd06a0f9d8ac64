"""A message that is shipped is called by its label, in the reader's language."""

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.staff.models import Role
from campaigns.messages import copies, names
from campaigns.messages.models import Message

from .conftest import client_for

WAITING = "training.seat_waiting"
ENGLISH, SPANISH = "Seat: on the waiting list", "Plaza: en lista de espera"


@pytest.fixture
def shipped(brand):
    """As the first reader of English got it."""
    return Message.objects.create(brand=brand, name=ENGLISH, starter=WAITING)


@pytest.fixture
def spanish(db):
    return client_for(Role.MARKETING_EDITOR, language="es")


@pytest.mark.parametrize("made_in", [ENGLISH, SPANISH])
def test_each_reads_it_in_her_language(shipped, made_in):
    shipped.name = made_in
    told = []
    for language in ("en", "es"):
        with translation.override(language):
            told.append(str(shipped))
    assert told == [ENGLISH, SPANISH]


@pytest.mark.parametrize(
    ("starter", "name"),
    [(WAITING, "Patience, please"), ("", ENGLISH), ("circus.elephant", "Elephant")],
)
def test_a_name_that_somebody_gave_stays(starter, name):
    with translation.override("es"):
        assert str(Message(starter=starter, name=name)) == name


def test_the_list_shows_and_finds_it_by_what_it_is_called(spanish, shipped, message):
    page = reverse("admin:campaign_messages_message_changelist")

    def found(term):
        answer = spanish.get(page, {"q": term})
        assert (SPANISH in answer.text) == (shipped in answer.context["cl"].queryset)
        return list(answer.context["cl"].queryset)

    assert found("lista DE espera") == [shipped]
    assert found("bienvenida") == [message]
    assert found("elefante") == []
    assert len(found("")) == 2


def test_saved_in_another_language_it_is_still_nobodys_name(spanish, shipped, brand):
    page = reverse("admin:campaign_messages_message_change", args=[shipped.pk])
    shown = spanish.get(page)
    assert f'value="{SPANISH}"' in shown.text
    assert ENGLISH not in shown.text

    posted = {"name": SPANISH, "purpose": "service", "brand": brand.pk, "tab": "es"}
    assert spanish.post(page, posted).status_code == 302

    shipped.refresh_from_db()
    with translation.override("en"):
        assert (shipped.name, str(shipped)) == (SPANISH, ENGLISH)


def test_a_copy_is_called_after_what_its_maker_read(shipped):
    with translation.override("es"):
        assert copies.copy(shipped).name == f"Copia de {SPANISH}"


def test_it_is_found_by_a_part_of_what_it_is_called_until_it_is_renamed(shipped):
    def found():
        with translation.override("en"):
            return list(Message.objects.filter(names.called("ON THE WAITING")))

    assert found() == [shipped]
    Message.objects.update(name="Patience, please")
    assert found() == []
