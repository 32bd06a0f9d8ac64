"""What an audience can ask: each condition, its opposite, values of no use."""

from datetime import UTC, datetime, timedelta

import pytest
from django.forms import BooleanField
from django.utils.translation import override

from accounts.customers.models import Buyer
from accounts.journal.models import AccountProgress, BuyerProgress
from campaigns.sequences.audiences import conditions, rule_forms
from campaigns.sequences.audiences.conditions import BadRule
from campaigns.sequences.rows import Row
from tests.factories import AccountFactory, BuyerFactory, UserFactory

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def matches(slug: str, value: object, *, negated: bool = False) -> set[str]:
    asked = conditions.q(conditions.make([Row(slug, value, negated)]), AT)
    return set(Buyer.objects.filter(asked).values_list("first_name", flat=True))


@pytest.fixture
def rep():
    return UserFactory(name="Luis", role="sales_rep")


@pytest.fixture
def everybody(rep):
    """Ana at a Spanish key account of Luis's; Bea at a Portuguese one of nobody's."""
    ana = BuyerFactory(
        first_name="Ana",
        language="es",
        account=AccountFactory(
            number="K-001",
            country="ES",
            city="Zaragoza",
            segment="Industry",
            is_key=True,
            rep=rep,
            annual_value="120000.00",
        ),
    )
    bea = BuyerFactory(
        first_name="Bea",
        language="en",
        account=AccountFactory(number="K-002", country="PT", segment="Retail"),
    )
    BuyerProgress.objects.create(
        buyer=ana, account=ana.account, invited_at=AT, registered_at=AT
    )
    AccountProgress.objects.create(
        account=ana.account,
        registered_at=AT,
        online_first=AT,
        online_count=1,
        offline_last=AT - timedelta(days=100),
    )
    return ana, bea


@pytest.mark.parametrize(
    ("slug", "value"),
    [
        ("country", ["ES", "FR"]),
        ("city", "zarag"),
        ("segment", ["Industry"]),
        ("key_account", True),
        ("turnover", "100000"),
        ("customer_numbers", ["k-001 ", "X-9"]),
        ("language", ["es"]),
        ("registered", True),
        ("buyer_stage", ["registered"]),
        ("account_stage", ["first_online_order", "repeat"]),
        ("ordered_offline", 120),
    ],
)
@pytest.mark.usefixtures("everybody")
def test_a_condition_finds_ana_and_its_opposite_the_other_one(slug, value):
    assert matches(slug, value) == {"Ana"}
    assert matches(slug, value, negated=True) == {"Bea"}


@pytest.mark.usefixtures("everybody")
def test_a_company_without_any_progress_has_never_ordered_online():
    assert matches("never_ordered_online", True) == {"Bea"}
    assert matches("never_ordered_online", True, negated=True) == {"Ana"}


@pytest.mark.usefixtures("everybody")
def test_the_sales_rep_of_nobody_finds_nobody(rep):
    assert matches("sales_rep", [str(rep.pk)]) == {"Ana"}
    assert matches("sales_rep", [str(rep.pk + 1000)]) == set()


@pytest.mark.usefixtures("everybody")
def test_an_offline_order_outside_of_the_days_does_not_count():
    assert matches("ordered_offline", 90) == set()


def test_new_here_since_begins_at_midnight_where_we_are():
    BuyerFactory(first_name="Ana")

    assert matches("created_since", "2020-01-01") == {"Ana"}
    assert matches("created_since", "2999-01-01") == set()


@pytest.mark.usefixtures("everybody")
def test_conditions_of_a_rule_must_all_hold():
    both = conditions.make([Row("country", ["ES"]), Row("language", ["en"])])

    assert not Buyer.objects.filter(conditions.q(both, AT)).exists()


@pytest.mark.parametrize(
    "rule",
    [
        {"any": []},
        {"all": "country"},
        {"all": [["country"]]},
        {"all": [{"condition": 7}]},
        ["country"],
    ],
)
def test_a_rule_of_another_shape_is_refused_with_a_sentence(rule):
    with pytest.raises(BadRule):
        conditions.q(rule, AT)
    assert conditions.problems(rule)
    assert conditions.describe(rule)


def test_an_unknown_condition_is_named():
    rule = {"all": [{"condition": "moon", "value": True, "not": False}]}

    with pytest.raises(BadRule, match="moon"):
        conditions.q(rule, AT)
    assert "moon" in conditions.problems(rule)[0]


@pytest.mark.parametrize(
    ("slug", "value"),
    [
        ("ordered_offline", "soon"),
        ("ordered_offline", None),
        ("created_since", "yesterday"),
        ("buyer_stage", ["asleep"]),
        ("sales_rep", ["Luis"]),
        ("turnover", "much"),
        ("country", None),
    ],
)
def test_a_value_that_cannot_be_read_is_an_error_with_the_conditions_name(slug, value):
    rule = conditions.make([Row(slug, value)])

    with pytest.raises(BadRule):
        conditions.q(rule, AT)


def test_a_country_that_nobody_has_any_more_matches_nobody_and_breaks_nothing():
    rule = conditions.make([Row("country", ["FR"])])

    assert conditions.problems(rule) == []
    assert not Buyer.objects.filter(conditions.q(rule, AT)).exists()


def test_every_condition_on_offer_is_usable():
    """Walks the registry: a form field that cleans, a `Q` that runs, one slug each."""
    samples = {
        "BooleanField": True,
        "IntegerField": 30,
        "DecimalField": "10",
        "DateField": "2026-01-31",
        "CharField": "x",
        "NumberList": ["1"],
    }
    slugs = [condition.slug for condition in conditions.all()]
    for condition in conditions.all():
        field = condition.field()
        value = samples.get(type(field).__name__)
        if value is None:
            first = next(iter(getattr(field, "choices", ())), ("1", ""))
            value = [first[0]]
        stored = conditions.to_json(field.clean(value))
        rule = conditions.make([Row(condition.slug, stored)])
        Buyer.objects.filter(conditions.q(rule, AT)).exists()
        assert condition.label, f"{condition.slug} needs a label"
    assert len(slugs) == len(set(slugs)), "two conditions have the same slug"


@pytest.mark.usefixtures("everybody")
def test_a_rule_reads_as_sentences(rep):
    rule = conditions.make(
        [
            Row("country", ["ES"]),
            Row("sales_rep", [str(rep.pk)], negated=True),
            Row("registered", True, negated=True),
        ]
    )

    with override("en"):
        assert conditions.describe(rule) == [
            "Country: Spain",
            "Sales rep: not Luis",
            "Has not registered in the web store",
        ]


def test_every_yes_or_no_has_a_sentence_for_either_in_both_languages():
    """Walks the registry: "has never ordered: no" is to be read twice."""
    plain = [one for one in conditions.all() if isinstance(one.field(), BooleanField)]
    told = {}
    for language in ("en", "es"):
        with override(language):
            told[language] = [
                conditions.describe(conditions.make([Row(one.slug, True, negated=no)]))
                for one in plain
                for no in (False, True)
            ]

    assert len(plain) > 10
    every = [line for lines in told["en"] + told["es"] for line in lines]
    assert len(set(every)) == 4 * len(plain), "one is missing, or said twice"
    assert not [one for one in every if one.endswith((": yes", ": no", ": sí"))]


@pytest.mark.parametrize(
    ("language", "yes", "no"),
    [
        (
            "en",
            "The company has never ordered online",
            "The company has ordered online",
        ),
        (
            "es",
            "La empresa nunca ha pedido en línea",
            "La empresa ha pedido en línea",
        ),
    ],
)
def test_a_row_offers_the_sentences_themselves(language, yes, no):
    form = rule_forms.RuleForm(
        "audience", rule=conditions.make([Row("never_ordered_online", True)])
    )

    with override(language):
        offered = [
            str(label) for _value, label in form.rows[0].fields["negated"].choices
        ]
        assert offered == [yes, no]


def test_a_long_list_is_told_by_its_beginning():
    rule = conditions.make([Row("customer_numbers", [str(n) for n in range(20)])])

    with override("en"):
        told = conditions.describe(rule)[0]
    assert told.endswith("and 12 more")
