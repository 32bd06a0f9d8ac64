"""The live count and the names behind it: they read, and change nothing."""

import json

import pytest

from accounts.customers.models import Buyer
from accounts.journal.models import BuyerProgress
from campaigns.sequences.audiences import conditions
from campaigns.sequences.rows import Row
from tests.campaigns.sequences import scenes
from tests.factories import AccountFactory, BuyerFactory

from .conftest import at

pytestmark = pytest.mark.django_db


def test_the_count_follows_conditions_that_are_not_saved_yet(manager, draft):
    spanish = {
        "audience-0-condition": "country",
        "audience-0-value": ["PT"],
        "audience-0-negated": "1",
    }
    everybody = manager.post(at("count"), {}).json()
    others = manager.post(at("count"), spanish).json()
    nobody = manager.post(at("count"), {**spanish, "audience-0-negated": ""}).json()

    assert (everybody["buyers"], everybody["reachable"]) == (3, 3)
    assert others["buyers"] == 3
    assert nobody["buyers"] == 0
    assert "Nobody matches" in nobody["html"]


def test_the_count_says_who_is_kept_from_it(manager, draft):
    scenes.make_people(2, permitted=False)

    found = manager.post(at("count"), {}).json()

    assert (found["buyers"], found["reachable"]) == (5, 3)
    assert "No permission for commercial messages" in found["html"]


def test_the_count_knows_the_goal(manager, draft):
    buyer = Buyer.objects.first()
    BuyerProgress.objects.create(
        buyer=buyer, account=buyer.account, registered_at=scenes.MONDAY
    )

    found = manager.post(at("count"), {"goal": "registered"}).json()
    listed = manager.post(
        at("names"), {"rule": "{}", "goal": "registered", "reason": "goal_reached"}
    )

    assert (found["buyers"], found["reachable"]) == (3, 2)
    assert "The goal was reached" in found["html"]
    assert [one.pk for one, _why in listed.context["people"]] == [buyer.pk]


def test_unfinished_conditions_are_no_error_of_the_server(manager):
    found = manager.post(
        at("count"), {"audience-0-condition": "city", "audience-0-value": ""}
    )

    assert found.status_code == 200
    assert found.json()["buyers"] is None
    assert "Complete the conditions" in found.json()["html"]


@pytest.mark.parametrize(
    "row",
    [
        {"audience-0-condition": "moon"},
        {"audience-0-condition": "sales_rep", "audience-0-value": "Luis"},
        {"audience-0-condition": "buyer_stage", "audience-0-value": "asleep"},
        {"audience-0-condition": "created_since", "audience-0-value": "0000-00-00"},
        {"audience-0-condition": "turnover", "audience-0-value": "NaN"},
        {"audience-0-condition": "city", "audience-0-value": "\x00"},
    ],
)
def test_odd_values_are_answered_with_a_sentence(manager, row):
    found = manager.post(at("count"), row)

    assert found.status_code == 200
    assert found.json()["buyers"] is None


def test_thousands_of_pasted_numbers_can_be_counted_and_listed(manager, draft):
    known = Buyer.objects.first().account.number
    pasted = "\n".join([known, *(f"X{n}" for n in range(3000))])
    row = {
        "audience-0-condition": "customer_numbers",
        "audience-0-value": pasted,
        "audience-0-negated": "",
    }

    counted = manager.post(at("count"), row).json()
    listed = manager.post(at("names"), row)

    assert counted["buyers"] == 1
    assert "3000 pasted customer numbers are not known" in counted["html"]
    assert listed.context["page"].paginator.count == 1


def test_the_names_are_paged_and_searched_with_the_rule_they_began_with(manager):
    account = AccountFactory(city="Zaragoza")
    for number in range(60):
        BuyerFactory(account=account, last_name=f"Zafra{number:02}")
    BuyerFactory()
    rule = json.dumps(conditions.make([Row("city", "zaragoza")]))

    second = manager.post(at("names"), {"rule": rule, "page": "2"})
    one = manager.post(at("names"), {"rule": rule, "search": "zafra07"})

    assert len(second.context["people"]) == 10
    assert [buyer.last_name for buyer, _why in one.context["people"]] == ["Zafra07"]


def test_each_name_says_whether_she_gets_it_and_why_not(manager, draft):
    scenes.make_people(1, permitted=False)

    page = manager.get(at("audience", draft.pk), {"reason": "no_permission"})

    assert [why for _buyer, why in page.context["people"]] == [
        "No permission for commercial messages"
    ]


@pytest.mark.parametrize("rule", ["", "{", "[]", '{"all": [{"condition": "moon"}]}'])
def test_a_forged_rule_is_a_bad_request(manager, rule):
    assert manager.post(at("names"), {"rule": rule}).status_code == 400


def test_a_rule_nested_beyond_reason_is_turned_away(manager):
    rule = '{"all":' * 50_000
    assert manager.post(at("names"), {"rule": rule}).status_code == 400


def test_a_draft_with_an_unreadable_rule_says_so_instead_of_breaking(manager, draft):
    draft.audience = {"all": [{"condition": "moon", "value": True, "not": False}]}
    draft.save()

    assert manager.get(at("audience", draft.pk)).status_code == 400
    assert "moon" in manager.get(at("review", draft.pk)).content.decode()
    assert "moon" in manager.get(at("change", draft.pk)).content.decode()
