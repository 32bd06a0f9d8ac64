"""The second way of compiling a version: which addresses it counts, and which never."""

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from campaigns.messages import measured, publish, wire
from campaigns.messages.build import Source, build
from campaigns.messages.compose import Compiled
from campaigns.messages.models import MessageText, PublishedLink
from tests.campaigns.sequences.scenes import make_brand, make_message
from tests.factories import UserFactory

from .mails import AT, BRAND, CONTEXT, DELIVERY, compiled, templates
from .test_envelope import assert_equal, both

STORE = "https://store.example"
BODY = """\
[Our store]({{ links.store }}) and [its offers]({{ links.store }}/offers?a=1&b=2).

[Read more](https://news.example/spring){.button}

[Your invitation]({{ links.invitation }}) ·
[Yours](https://news.example/?who={{ account.number }})

[Write](mailto:us@norte.example), [call](tel:+34976000000) or
[log in](https://onboarding.example/accounts/login/); again [more](https://news.example/spring).
"""
COUNTED = [STORE, f"{STORE}/offers?a=1&b=2", "https://news.example/spring"]


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.STORE_URL = STORE
    settings.SITE_URL = "https://onboarding.example"
    measured.compiled.cache_clear()
    yield
    measured.compiled.cache_clear()


def test_only_addresses_that_are_everybodys_are_counted():
    html = templates(BODY).html
    assert list(dict.fromkeys(measured.addresses(html))) == COUNTED


@pytest.mark.parametrize(
    "href",
    [
        "{{ links.invitation }}",
        "{{ links.unsubscribe }}",
        "{{ links.store }}?ref={{ account.number | in_url }}",
        "https://a.example/{{ buyer.email | in_url }}",
        "https://onboarding.example/t/token",
        "mailto:a@b.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "//elsewhere.example",
        "/relative",
        "https://",
        "https://a.example/\x00",
        "https://a.example/\r\nX: y",
        "https://[broken",
        "https://a.example/" + 2000 * "a",
        "",
    ],
)
def test_no_other_address_is_counted(href):
    assert measured.address_of(href) is None


def test_what_reads_like_a_link_within_liquid_stays_liquid():
    html = (
        """{{ '<a href="https://a.example">' }}"""
        """<a title="{{ 'x href="https://b.example"' }}" href="https://c.example">"""
    )
    assert list(measured.addresses(html)) == []
    assert measured.mark(html, {"https://a.example": 1}).startswith(html)


sources = st.text(
    st.sampled_from(list('<a href="https://x.example">{{}}%\' | title=[]()!')),
    max_size=80,
)


@hypothesis_settings(max_examples=150, deadline=None)
@given(sources)
@example('[a](https://x.example "{{ buyer.first_name }}")')
def test_marking_leaves_every_mail_fit_to_be_compiled(text):
    """Whatever somebody wrote: what compiles plain compiles measured too."""
    options = {"language": "en", "purpose": "marketing", "brand": BRAND}
    try:
        mail = build(Source("Hi", "", f"[x](https://x.example) {text}"), **options)
        Compiled(mail, **options)
    except ValueError:
        return
    numbers = {one: n for n, one in enumerate(measured.addresses(mail.html), start=1)}
    marked = measured.mark(mail.html, numbers)
    whole = Compiled(type(mail)(mail.subject, marked, mail.text), **options)
    whole.fill({**CONTEXT, "measured": {}})


def publish_one(text=BODY):
    text = text.replace("[Your invitation]({{ links.invitation }}) ·", "")
    message = make_message(text=text)
    return message, publish.publish(message, UserFactory(), AT)


@pytest.mark.django_db
def test_publishing_stores_the_addresses_once():
    message, version = publish_one()
    stored = list(PublishedLink.objects.values_list("number", "language", "address"))
    assert stored == [(n, "en", one) for n, one in enumerate(COUNTED, start=1)]
    assert publish.publish(message, UserFactory(), AT) == version
    assert PublishedLink.objects.count() == len(COUNTED)


@pytest.mark.django_db
def test_a_version_of_before_gets_its_addresses_when_it_is_published_again():
    message, _version = publish_one()
    PublishedLink.objects.all().delete()
    publish.publish(message, UserFactory(), AT)
    assert PublishedLink.objects.count() == len(COUNTED)


@pytest.mark.django_db
def test_each_language_has_links_of_its_own():
    brand = make_brand()
    brand.languages = ["en", "es"]
    brand.save()
    message = make_message(text="[a](https://a.example) [b](https://b.example)")
    MessageText.objects.create(
        message=message, language="es", subject="Hola", body="[b](https://b.example)"
    )
    version = publish.publish(message, UserFactory(), AT)
    assert list(version.links.order_by("number").values_list("number", "language")) == [
        (1, "en"),
        (2, "en"),
        (3, "es"),
    ]
    assert measured.compiled(version.pk, "es").numbers == (3,)


@pytest.mark.django_db
def test_the_html_part_leads_by_way_of_us_and_the_text_part_does_not():
    _message, version = publish_one()
    mail = measured.compiled(version.pk, "en")
    context = {**CONTEXT, **mail.groups(DELIVERY)}
    html, text = mail.compiled.fill(context).html, mail.compiled.fill(context).text
    for number in mail.numbers:
        token = context["measured"][f"l{number}"]
        assert f'href="https://onboarding.example/m/{token}"' in html
    assert html.count("https://onboarding.example/m/") == 4 + 2
    assert "https://news.example/?who=A%2F1" in html
    assert CONTEXT["links"]["unsubscribe"] in html
    assert "/m/" not in text
    assert "https://news.example/spring" in text


@pytest.mark.django_db
def test_no_person_sees_or_hears_the_trap():
    _message, version = publish_one()
    mail = measured.compiled(version.pk, "en")
    context = {**CONTEXT, **mail.groups(DELIVERY)}
    html = mail.compiled.fill(context).html
    trap = context["measured"]["trap"]
    before, _token, after = html.partition(trap)
    opened = before[before.rindex("<a") :] + after[: after.index("</a>")]
    assert 'aria-hidden="true"' in opened
    assert 'tabindex="-1"' in opened
    # Nothing in it, and nothing hidden by style: filters take that for spam.
    assert opened.endswith(">")
    assert "style" not in opened


@pytest.mark.django_db
def test_who_is_not_measured_gets_a_mail_that_knows_nothing_of_it():
    _message, version = publish_one()
    text = version.texts.get()
    assert "measured" not in text.html
    assert "measured" not in str(compiled(BODY).names)


@pytest.mark.django_db
def test_both_ways_of_writing_a_measured_mail_agree():
    _message, version = publish_one()
    mail = measured.compiled(version.pk, "en")
    assert wire.body(mail.compiled).is_compiled
    context = {**CONTEXT, **mail.groups(DELIVERY)}
    slow, fast = both(mail.compiled, context)
    assert_equal(slow, fast)
    assert context["measured"]["trap"] in fast.get_body(("html",)).get_content()
