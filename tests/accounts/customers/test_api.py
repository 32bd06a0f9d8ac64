"""`POST /api/v1/customers` as a store calls it."""

import pytest

from accounts.consent.models import Permission
from accounts.customers import addresses
from accounts.customers.models import Account, AccountFact, Buyer
from accounts.staff import keys
from tests.factories import AccountFactory, BuyerFactory, UserFactory

URL = "/api/v1/customers"


@pytest.fixture
def secret(db):
    return keys.issue("ERP", "erp", ["customers"]).secret


@pytest.fixture
def post(client, secret):
    def send(*customers, basis="existing_customer", key=secret, **more):
        return client.post(
            URL,
            {"customers": customers, "legal_basis": basis, **more},
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}"},
        )

    return send


ACME = {
    "number": "104000",
    "name": "Acme",
    "country": "España",
    "buyers": [{"email": "Ana@ACME.example", "first_name": "Ana"}],
}


def results(answer):
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def test_new_accounts_and_buyers_are_created(post):
    (one,) = results(post(ACME))
    assert (one["result"], one["buyers"], one["problems"]) == (
        "created",
        ["created"],
        [],
    )
    account = Account.objects.get()
    assert (account.country, account.time_zone) == ("ES", "Europe/Madrid")
    buyer = Buyer.objects.get()
    assert (buyer.email, buyer.email_key) == ("Ana@acme.example", "ana@acme.example")
    assert buyer.language == "es"


def test_the_same_call_again_changes_nothing(post):
    post(ACME)
    before = Account.objects.values().get(), Buyer.objects.values().get()
    (one,) = results(post(ACME))
    assert (one["result"], one["buyers"]) == ("unchanged", ["unchanged"])
    assert (Account.objects.values().get(), Buyer.objects.values().get()) == before


def test_what_is_absent_or_null_stays(post):
    post({**ACME, "segment": "Retail", "may_order_online": False})
    (one,) = results(post({"number": "104000", "city": "Vigo", "segment": None}))
    account = Account.objects.get()
    assert one["result"] == "changed"
    assert (account.segment, account.city, account.eligible) == (
        "Retail",
        "Vigo",
        False,
    )


def test_an_unknown_account_without_a_name_is_refused_alone(post):
    first, second = results(post({"number": "1", "city": "Vigo"}, ACME))
    assert first["result"] == "refused"
    assert first["problems"][0]["code"] == "name_missing"
    assert second["result"] == "created"
    assert Account.objects.count() == 1


def test_a_bad_address_refuses_the_buyer_and_keeps_the_places(post):
    good = {"email": "b@acme.example"}
    (one,) = results(post({**ACME, "buyers": [{"email": "a at acme"}, good]}))
    assert one["result"] == "created"
    assert one["buyers"] == ["refused", "created"]
    assert one["problems"] == [
        {
            "field": "buyers.0.email",
            "code": "address_no_at",
            "message": "This is no e-mail address: the @ is missing.",
        }
    ]


def test_a_buyer_named_by_id_may_change_the_address(post):
    account = AccountFactory(number="104000")
    buyer = BuyerFactory(account=account, external_id="u1", email="old@acme.example")
    post({**ACME, "buyers": [{"external_id": "u1", "email": "new@acme.example"}]})
    buyer.refresh_from_db()
    assert buyer.email_key == "new@acme.example"
    assert bytes(buyer.address_hash) == addresses.hash_of("new@acme.example")


def test_an_id_of_one_buyer_and_the_address_of_another_is_refused(post):
    account = AccountFactory(number="104000")
    BuyerFactory(account=account, external_id="u1", email="a@acme.example")
    BuyerFactory(account=account, external_id="u2", email="b@acme.example")
    crossed = [{"external_id": "u1", "email": "b@acme.example"}]
    (one,) = results(post({**ACME, "buyers": crossed}))
    assert one["buyers"] == ["refused"]


def test_two_accounts_may_share_a_mailbox(post):
    results(post(ACME, {**ACME, "number": "104001"}))
    assert Buyer.objects.filter(email_key="ana@acme.example").count() == 2


def test_the_legal_basis_must_be_declared(client, secret):
    answer = client.post(
        URL,
        {"customers": [ACME]},
        content_type="application/json",
        headers={"X-API-Key": secret},
    )
    assert answer.status_code == 422
    assert not Account.objects.exists()


def test_consent_needs_its_source_and_date(post):
    assert post(ACME, basis="consent").status_code == 422
    assert post(ACME, basis="consent", consent_source="fair").status_code == 422
    told = post(ACME, basis="consent", consent_source="fair", consent_date="2026-03-01")
    assert told.status_code == 200
    assert Permission.objects.get().allowed is True


def test_a_source_of_consent_with_hidden_signs_is_refused(post):
    source = {"consent_source": "fair\x00", "consent_date": "2026-03-01"}
    assert post(ACME, basis="consent", **source).status_code == 422


def test_a_call_that_is_too_big_is_refused_before_it_is_read(client, secret):
    answer = client.post(
        URL,
        b" " * (2 * 1024 * 1024 + 1),
        content_type="application/json",
        headers={"X-API-Key": secret},
    )
    assert answer.status_code == 413
    assert "several" in answer.json()["detail"]


def test_an_account_without_a_number_is_refused_with_the_reason(post):
    [told] = results(post({**ACME, "number": " "}))
    assert told["result"] == "refused"
    assert [one["code"] for one in told["problems"]] == ["number_missing"]


def test_no_basis_permits_nothing(post):
    post(ACME, basis="none")
    assert Permission.objects.get().allowed is False


def test_a_later_declaration_never_widens_what_is_on_record(post):
    post(ACME, basis="none")
    post(ACME, basis="existing_customer")
    assert Permission.objects.get().allowed is False


@pytest.mark.parametrize("key", ["", "onb_wrong"])
def test_without_a_key_nothing_is_taken(post, key):
    assert post(ACME, key=key).status_code == 401
    assert not Account.objects.exists()


def test_a_key_for_events_does_not_write_customers(post):
    other = keys.issue("Store", "store", ["events"]).secret
    assert post(ACME, key=other).status_code == 403


def test_misspelt_fields_are_refused_not_ignored(post):
    assert post({**ACME, "contry": "ES"}).status_code == 422


def test_more_than_a_thousand_items_are_refused(post):
    many = [{"number": str(n), "name": "x"} for n in range(1001)]
    assert post(*many).status_code == 422


def test_the_rep_is_found_by_code_or_address(post):
    rep = UserFactory(email="jvidal@house.example", rep_code="JV")
    post({**ACME, "sales_rep": "jv"}, {**ACME, "number": "2", "sales_rep": "JVIDAL"})
    assert set(Account.objects.values_list("rep", flat=True)) == {rep.pk}


def test_history_of_eligibility_names_the_source(post):
    post({**ACME, "may_order_online": False, "blocked_reason": "credit hold"})
    fact = AccountFact.objects.get()
    assert (fact.kind, fact.value, fact.reason, fact.source) == (
        "eligible",
        "no",
        "credit hold",
        "api:erp",
    )
    post({**ACME, "may_order_online": True})
    account = Account.objects.get()
    assert account.ineligible_reason == ""
    assert AccountFact.objects.get().valid_until is not None


def test_the_first_of_two_entries_for_one_account_counts(post):
    first, second = results(post(ACME, {**ACME, "name": "Other"}))
    assert (first["result"], second["result"]) == ("created", "repeated")
    assert Account.objects.get().name == "Acme"


def test_statements_do_not_grow_with_the_items(post, django_assert_max_num_queries):
    many = [
        {"number": str(n), "name": "x", "buyers": [{"email": f"b{n}@x.example"}]}
        for n in range(500)
    ]
    with django_assert_max_num_queries(45):
        results(post(*many))
    assert Buyer.objects.count() == 500
