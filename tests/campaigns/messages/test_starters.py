"""Messages shipped ready to use."""

import pytest

from campaigns.messages import compose, placeholders, problems, publish, starters
from campaigns.messages.models import Message
from campaigns.sequences import touchpoints

from .mails import AT

TEXTS = {"en": ("Hi", "", "Hello"), "es": ("Hola", "", "Hola")}


def add(brand, **fields):
    options = {"service": False, "touchpoint": "invitation", "brand": brand} | fields
    return starters.add("first", "First", TEXTS, **options)


def test_a_starter_becomes_a_message_once(brand):
    message = add(brand)
    assert add(brand) == message
    assert Message.objects.count() == 1
    assert message.texts.count() == 2
    assert message.touchpoint == "invitation"


def test_what_somebody_changed_stays(brand):
    message = add(brand)
    message.texts.filter(language="en").update(body="Mine")
    add(brand)
    assert message.texts.get(language="en").body == "Mine"


def test_a_service_starter_makes_a_service_message(brand):
    assert add(brand, service=True).purpose == "service"


SHIPPED = [
    pytest.param(touchpoint.slug, starter, id=f"{touchpoint.slug}.{starter.slug}")
    for touchpoint in touchpoints.installed()
    for starter in touchpoint.starters
]


@pytest.mark.parametrize(("touchpoint", "starter"), SHIPPED)
def test_every_shipped_message_can_be_published_as_it_is(brand, touchpoint, starter):
    message = starters.add(
        starter.slug,
        str(starter.label),
        starter.texts,
        service=starter.service,
        touchpoint=touchpoint,
        brand=brand,
    )
    assert [problem.sentence for problem in problems.find(message)] == []
    version = publish.publish(message, None, AT)
    facts = placeholders.sample()
    nobody = {**facts, "buyer": {}, "rep": {}}
    for language in ("en", "es"):
        mail = compose.compiled(version.pk, language)
        assert mail._html.is_compiled
        assert mail._text.is_compiled
        assert "{{" not in mail.fill(facts).html
        # Without a first name or a rep it still reads as a whole sentence.
        assert not mail.fill(nobody).text.startswith((" ", ",", ":"))
