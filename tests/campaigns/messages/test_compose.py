"""From a published version and a buyer's facts to what she reads."""

import pytest

from campaigns.messages import compose, context, publish
from campaigns.messages.models import MessageVersion

from .mails import AT, CONTEXT


@pytest.fixture
def version(message):
    return publish.publish(message, None, AT)


def test_a_buyer_reads_her_language(version):
    assert compose.compiled(version.pk, "es").fill(CONTEXT).subject == (
        "¡Bienvenida!, Ana"
    )
    assert compose.compiled(version.pk, "en").fill(CONTEXT).subject == "Welcome, Ana"


@pytest.mark.parametrize(
    ("wanted", "read"), [("es-MX", "es"), ("fr", "en"), ("", "en"), ("en-GB", "en")]
)
def test_the_nearest_language_is_read_where_hers_is_missing(version, wanted, read):
    assert compose.compiled(version.pk, wanted).language == read


def test_any_language_is_better_than_none(version):
    version.texts.filter(language="en").delete()
    assert compose.compiled(version.pk, "fr").language == "es"


def test_a_version_is_compiled_once(version, django_assert_num_queries):
    first = compose.compiled(version.pk, "en")
    with django_assert_num_queries(0):
        assert compose.compiled(version.pk, "en") is first


def test_a_version_that_does_not_exist_is_said_to_be_missing(db):
    with pytest.raises(MessageVersion.DoesNotExist):
        compose.compiled(10**9, "en")


def test_it_tells_which_links_it_asks_for(version):
    assert compose.compiled(version.pk, "en").links == {"store", "unsubscribe"}


def test_a_published_brand_stays_as_it_was(version, brand):
    brand.sender_name = "Another"
    brand.save()
    assert compose.compiled(version.pk, "en").brand["sender_name"] == "Norte Pedidos"


def test_facts_of_many_buyers_take_one_query(buyer, django_assert_num_queries):
    with django_assert_num_queries(1):
        facts = context.of([buyer.pk, 10**9])
    assert set(facts) == {buyer.pk}
    found = facts[buyer.pk]
    assert found["buyer"]["full_name"] == "Ana García"
    assert found["account"]["name"] == "Talleres Ebro S.L."
    assert found["rep"]["name"] == "Luis Pérez"
    assert "/u/" in found["links"]["unsubscribe"]


def test_what_is_empty_is_false_in_conditions(buyer):
    buyer.account.rep = None
    buyer.account.save()
    facts = context.of([buyer.pk])[buyer.pk]
    assert facts["rep"] == {"name": None, "email": None, "phone": None}


@pytest.mark.parametrize(
    "name",
    [
        "Click https://evil.example now",
        "www.evil.example",
        "Ana evil.com/win",
        "ana@evil.example",
    ],
)
def test_a_person_is_not_called_by_a_link(name):
    assert context.clean_name(name) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("  Ana\r\nMaría ", "Ana María"),
        ("a\u202eb", "a b"),
        ("x" * 300, "x" * 100),
        ("O'Brien-Núñez", "O'Brien-Núñez"),
        ("", None),
        (None, None),
    ],
)
def test_names_are_one_line_of_decent_length(name, shown):
    assert context.clean_name(name) == shown


def test_a_company_named_like_a_domain_is_no_link_in_the_mail():
    assert context.clean_text("Amazon.com") == "Amazon.\u2060com"
    assert context.clean_text("Norte, S.L.U.") == "Norte, S.L.U."
    assert "://" not in context.clean_text("https://evil.example")
