"""Freezing a message as a version."""

import pytest

from campaigns.messages import problems, publish, syntax, trial
from campaigns.messages.models import MessageVersion
from campaigns.messages.publish import NotPublishable
from campaigns.messages.syntax import BadSource
from tests.factories import UserFactory

from .conftest import make_message
from .mails import AT


def sentences(message):
    with pytest.raises(NotPublishable) as caught:
        publish.publish(message, None, AT)
    assert not MessageVersion.objects.exists()
    return [problem.sentence for problem in caught.value.problems]


def change(message, **fields):
    message.texts.filter(language="en").update(**fields)
    return message


def test_a_version_holds_source_and_mail_of_every_language(message):
    user = UserFactory()
    version = publish.publish(message, user, AT)
    assert (version.number, version.published_by) == (1, user)
    assert version.published_at == AT
    assert version.brand["sender_email"] == "pedidos@norte.example"
    texts = {text.language: text for text in version.texts.all()}
    assert set(texts) == {"en", "es"}
    assert "{{ buyer.first_name }}" in texts["en"].html
    assert "{{ links.unsubscribe }}" in texts["es"].text


def test_same_content_same_version(message):
    first = publish.publish(message, None, AT)
    assert publish.publish(message, None, AT) == first
    change(message, body="Other words")
    second = publish.publish(message, None, AT)
    assert second.number == 2
    change(message, body=message.texts.get(language="es").body)
    assert publish.publish(message, None, AT) == first


def test_a_change_of_the_brand_makes_a_new_version(message, brand):
    first = publish.publish(message, None, AT)
    brand.postal_address = "Elsewhere 2"
    brand.save()
    assert publish.publish(message, None, AT).number == first.number + 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"body": "Hi {{ buyer.nickname }}"}, "line 1: “buyer.nickname”"),
        ({"body": "a\n\n{{ buyer.first_nam }}"}, "line 3: “buyer.first_nam”"),
        ({"body": "a\n{% if buyer.email %}"}, "line 2: a block (if) begins here"),
        ({"body": "a\n{{ buyer.email | append: 'x' }}"}, "filter “append”"),
        ({"body": "x" * 100_001}, "longer than 100,000 characters"),
        ({"body": "word " * 19_000 + "**b** " * 800}, "longer than 100 kB"),
        ({"body": ""}, "enter the text"),
        ({"subject": " "}, "enter the subject"),
        ({"subject": "a\nb"}, "remove line breaks"),
        ({"subject": "{{ buyer.nobody }}"}, "subject, line 1: “buyer.nobody”"),
        ({"preheader": "{{ buyer.nobody }}"}, "preview line, line 1"),
        ({"body": "[x]({{ buyer.email }})"}, "used as a link's address"),
        ({"body": "[x](/here)"}, "“/here” is incomplete"),
        ({"body": "a {% if rep.name %}b\n\nc{% endif %} d"}, "lines of their own"),
        ({"body": "**a {% if rep.name %}b** c{% endif %}"}, "lines of their own"),
        ({"body": "{% for i in (1..2000) %}x{% endfor %}"}, "runs too often"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(message, fields, words):
    found = sentences(change(message, **fields))
    assert any(words in sentence for sentence in found), found
    assert all(sentence.endswith(".") or "(" in sentence for sentence in found)
    assert all("English" in sentence for sentence in found)


def test_a_missing_language_is_told_unless_the_brand_does_without_it(message, brand):
    message.texts.filter(language="es").delete()
    (sentence,) = sentences(message)
    assert sentence.startswith("Write the message in Español: the brand “Norte, S.L.”")
    brand.languages = ["en"]
    brand.save()
    assert publish.publish(message, None, AT).texts.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("postal_address", "", "postal address"),
        ("sender_name", "", "sender's name"),
        ("sender_email", "", "sender's address"),
        ("sender_name", "Win at https://evil.example", "Correct the brand"),
        ("sender_name", "a\nb", "Correct the brand"),
        ("sender_email", "a b@c", "Correct the brand"),
    ],
)
def test_a_brand_without_identity_sends_nothing(message, brand, field, value, words):
    type(brand).objects.update(**{field: value})
    assert any(words in sentence for sentence in sentences(message))


def test_two_messages_without_problem_have_none(message, long_message):
    assert problems.find(message) == []
    assert problems.find(long_message) == []


def test_the_footer_of_a_commercial_message_always_lets_leave(brand):
    version = publish.publish(make_message(brand), None, AT)
    service = publish.publish(make_message(brand, purpose="service"), None, AT)
    for text in version.texts.all():
        assert "{{ links.unsubscribe }}" in text.html
    for text in service.texts.all():
        assert "links.unsubscribe" not in text.html + text.text


def test_a_value_that_lacks_shows_in_the_trial():
    with pytest.raises(BadSource) as caught:
        trial.run([("{{ a.b }}", False)], {"a": {}})
    assert caught.value.code == "UndefinedError"
    trial.run([("{{ a.b }}", True), ("plain", False)], {"a": {"b": "ñ"}})


def test_the_trial_stops_what_slips_through_the_engines_limits(monkeypatch):
    # Filling alone is harmless here; the context asks for more memory than it gets.
    monkeypatch.setattr(trial, "WALL_SECONDS", 60)
    with pytest.raises(BadSource) as caught:
        trial.run([("{{ a.b }}", False)], {"a": {"b": "x" * (150 * 1024 * 1024)}})
    assert caught.value.code in {"trial", "OutputStreamLimitError"}


def test_every_code_of_a_bad_source_has_a_sentence_of_its_own():
    codes = [
        *("too_long", "too_many_tags", "too_deep", "unknown_filter", "value_as_link"),
        *("condition_in_link", "incomplete_link", "unbalanced", "trial"),
        *("LoopIterationLimitError", "OutputStreamLimitError", "UndefinedError"),
        *("BlockNestingError", "range_outside_loop"),
    ]
    where = {"language": "English", "field": "text"}
    told = {problems.explain(BadSource(code, "x", 1), where) for code in codes}
    other = problems.explain(syntax.BadSource("LiquidSyntaxError", "x", 1), where)
    assert other not in told
    assert len(told) == len(codes) - 1  # both kinds of nesting say the same
