"""`POST /api/v1/events` as a store calls it."""

import json
from datetime import timedelta

import pytest

from accounts.journal import clock, kinds
from accounts.journal.models import Event, EventConflict, UnknownBuyer, UnmatchedEvent
from accounts.staff import keys
from tests.factories import AccountFactory, BuyerFactory

URL = "/api/v1/events"


@pytest.fixture
def secret(db):
    return keys.issue("Store", "store", ["events"]).secret


@pytest.fixture
def call(client, secret):
    def send(body, key=secret, **headers):
        return client.post(
            URL,
            body if isinstance(body, str | bytes) else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {key}", **headers},
        )

    return send


@pytest.fixture
def post(call):
    """Send events; their results."""

    def send(*events):
        answer = call({"events": events})
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]

    return send


@pytest.fixture
def account(db):
    return AccountFactory(number="0000104000")


@pytest.fixture
def buyer(account):
    return BuyerFactory(account=account, email="Ana@acme.example", external_id="web-7")


def login(**fields):
    return {
        "kind": "logged_in",
        "key": "login-1",
        "account": "0000104000",
        "occurred_at": "2026-03-02T13:00:00+01:00",
        **fields,
    }


def order(**fields):
    return login(
        **{
            "kind": "ordered",
            "key": "order-1",
            "channel": "online",
            "amount": "1249.90",
            "currency": "EUR",
            "document": "AB-1",
            **fields,
        }
    )


def without(event, *names):
    return {name: value for name, value in event.items() if name not in names}


def codes(line):
    return [(problem["field"], problem["code"]) for problem in line["problems"]]


# -- What is taken ---------------------------------------------------------------------


def test_an_order_of_a_buyer_is_recorded(post, account, buyer):
    (line,) = post(order(buyer={"email": "ana@ACME.example"}))

    event = Event.objects.get()
    assert line == {
        "index": 0,
        "key": "order-1",
        "result": "recorded",
        "event": event.pk,
        "problems": [],
    }
    assert (event.account, event.buyer, event.source) == (account, buyer, "api:store")
    assert event.occurred_at.isoformat() == "2026-03-02T12:00:00+00:00"
    assert event.data == {
        "channel": "online",
        "amount": "1249.90",
        "currency": "EUR",
        "document": "AB-1",
    }


def test_every_core_kind(post, account):
    note = order(kind="credit_note", key="note-1", amount=-12.5)
    lines = post(
        login(kind="registered", key="registered-1"),
        login(),
        order(placed_by="on_behalf"),
        without(note, "channel"),
    )

    assert [line["result"] for line in lines] == ["recorded"] * 4
    by_kind = {event.kind: event.data for event in Event.objects.all()}
    assert set(by_kind) == set(kinds.CORE)
    assert by_kind["ordered"]["placed_by"] == "on_behalf"
    assert by_kind["credit_note"] == {
        "amount": "12.50",
        "currency": "EUR",
        "document": "AB-1",
    }


@pytest.mark.parametrize("amount", ["10", "10.00", 10, 10.0, 10.5, "0", "12.3456"])
def test_amounts_come_as_text_or_as_numbers(post, account, amount):
    (line,) = post(order(amount=amount))

    assert line["result"] == "recorded"


def test_the_same_call_again_changes_nothing(call, account, buyer):
    body = {"events": [order(buyer={"external_id": "web-7"}), login()]}
    first, again = call(body).json(), call(body).json()

    assert (first["recorded"], again["recorded"], again["repeated"]) == (2, 0, 2)
    assert [line["event"] for line in first["results"]] == [
        line["event"] for line in again["results"]
    ]


def test_a_repeat_may_write_the_same_otherwise(post, account):
    post(order(amount="1249.90"))

    (line,) = post(
        order(
            account=" 0000104000 ",
            amount=1249.9,
            occurred_at="2026-03-02T12:00:00.000Z",
            currency="eur",
        )
    )

    assert line["result"] == "repeated"


def test_other_content_under_the_key_is_a_conflict_and_the_first_stands(post, account):
    (first,) = post(login())
    (second,) = post(login(occurred_at="2026-03-02T14:00:00+01:00"))

    assert (second["result"], second["event"]) == ("conflict", first["event"])
    assert codes(second) == [("key", "key_conflict")]
    assert EventConflict.objects.count() == 1


def test_a_document_counts_once_under_any_key(post, account):
    (first,) = post(order())
    same, other = post(order(key="order-2"), order(key="order-3", amount="1"))

    assert (same["result"], same["event"]) == ("repeated", first["event"])
    assert codes(other) == [("document", "document_conflict")]


def test_two_systems_may_use_the_same_key(call, post, account):
    post(login())
    erp = keys.issue("ERP", "erp", ["events"]).secret

    assert call({"events": [login()]}, key=erp).json()["recorded"] == 1


@pytest.mark.parametrize("number", ["0000104000", "104000", " 0104000 "])
def test_the_number_is_found_with_and_without_zeros(post, account, number):
    (line,) = post(login(account=number))

    assert line["result"] == "recorded"


def test_a_number_is_found_in_any_case(post, db):
    account = AccountFactory(number="Ab-7")

    post(login(account="aB-7"))

    assert Event.objects.get().account == account


def test_the_number_as_it_stands_goes_before_its_likes(post, account):
    short = AccountFactory(number="104000")

    post(login(account="104000"))

    assert Event.objects.get().account == short


def test_two_likes_are_ambiguous(post, account):
    AccountFactory(number="00104000")

    (line,) = post(login(account="104000"))

    assert line["result"] == "unmatched"
    assert codes(line) == [("account", "ambiguous_account")]


# -- Buyers ----------------------------------------------------------------------------


def test_without_a_buyer_it_counts_for_the_account(post, account, buyer):
    post(login())

    assert Event.objects.get().buyer is None
    assert not UnknownBuyer.objects.exists()


def test_the_surest_name_goes_first(post, account, buyer):
    colleague = BuyerFactory(account=account, email="ben@acme.example")

    post(login(buyer={"external_id": "web-7", "email": "ben@acme.example"}))
    post(login(key="2", buyer={"external_id": "x", "email": "ben@acme.example"}))

    found = list(Event.objects.order_by("id").values_list("buyer", flat=True))
    assert found == [buyer.pk, colleague.pk]


def test_the_buyer_of_another_account_is_not_this_ones(post, account):
    BuyerFactory(email="eve@elsewhere.example")

    (line,) = post(login(buyer={"email": "eve@elsewhere.example"}))

    assert line["result"] == "recorded"
    assert codes(line) == [("buyer", "unknown_buyer")]
    assert Event.objects.get().buyer is None


def test_an_invitation_names_account_and_buyer(post, account, buyer, monkeypatch):
    monkeypatch.setattr(
        "accounts.journal.resolvers._registered",
        {"invitation": lambda asked: {"ref-1": (account.pk, buyer.pk)}},
    )

    known, unknown = post(
        without(login(buyer={"invitation": "ref-1"}), "account"),
        without(login(key="2", buyer={"invitation": "ref-2"}), "account"),
    )

    event = Event.objects.get(pk=known["event"])
    assert (event.account, event.buyer) == (account, buyer)
    assert event.cause == "invitation:ref-1"
    assert codes(unknown) == [("buyer.invitation", "unknown_invitation")]


# -- What is kept, and what is refused -------------------------------------------------


def test_what_matches_nothing_is_kept_as_it_came(post, db):
    (line,) = post(order(account="77", buyer={"email": "ana@acme.example"}))

    assert (line["result"], line["event"]) == ("unmatched", None)
    assert codes(line) == [("account", "unknown_account")]
    kept = UnmatchedEvent.objects.get()
    assert (kept.source, kept.key, kept.account_number) == (
        "api:store",
        "order-1",
        "77",
    )
    assert kept.body["buyer"] == {"email": "ana@acme.example"}


def test_what_waits_is_kept_once_and_the_first_stands(post, db):
    lines = post(login(), login(), login(occurred_at="2026-03-02T14:00:00Z"))
    again = post(login(), login(occurred_at="2026-03-02T14:00:00Z"))

    assert [line["result"] for line in lines] == ["unmatched", "unmatched", "conflict"]
    assert [line["result"] for line in again] == ["unmatched", "conflict"]
    assert UnmatchedEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("event", "problem"),
    [
        (without(login(), "key"), ("key", "missing")),
        (login(key=""), ("key", "empty")),
        (login(key="x" * 201), ("key", "too_long")),
        (login(key="a\x00b"), ("key", "hidden")),
        (login(key="a\nb"), ("key", "hidden")),
        (login(key="\ud800"), ("key", "wrong_type")),
        (login(key=7), ("key", "wrong_type")),
        (login(account="4" * 41), ("account", "too_long")),
        (without(login(), "account"), ("", "no_account")),
        (login(buyer={}), ("buyer", "nobody")),
        (login(buyer={"name": "Ana"}), ("buyer.name", "unknown_field")),
        (login(colour="red"), ("colour", "unknown_field")),
        (login(occurred_at="2026-03-02T13:00:00"), ("occurred_at", "instant")),
        (login(occurred_at="yesterday"), ("occurred_at", "instant")),
        (login(occurred_at=1772456400), ("occurred_at", "instant")),
        (login(occurred_at="1772456400"), ("occurred_at", "instant")),
        (login(occurred_at="1969-12-31T13:00:00Z"), ("occurred_at", "too_early")),
        (login(occurred_at="0001-01-01T00:00:00+14:00"), ("occurred_at", "too_early")),
        (login(occurred_at="9999-12-31T23:59:59-14:00"), ("occurred_at", "too_late")),
        (order(channel="pigeon"), ("channel", "not_allowed")),
        (order(placed_by="nobody"), ("placed_by", "not_allowed")),
        (order(amount="-1"), ("amount", "negative")),
        (order(amount="1,50"), ("amount", "amount")),
        (order(amount="1e400"), ("amount", "amount")),
        (order(amount="1_000"), ("amount", "amount")),
        (order(amount="1.23456"), ("amount", "amount")),
        (order(amount="1" * 13), ("amount", "amount")),
        (order(amount=True), ("amount", "amount")),
        (order(amount=None), ("amount", "amount")),
        (order(amount=2**63), ("amount", "amount")),
        (order(currency="Euro"), ("currency", "currency")),
        (order(currency="E1R"), ("currency", "currency")),
        (without(order(), "document"), ("document", "missing")),
        (login(kind="invited"), ("", "unknown_kind")),
        (login(kind="teleported"), ("", "unknown_kind")),
        (login(kind=None), ("kind", "wrong_type")),
        ("login", ("", "wrong_type")),
        ([[[[[]]]]], ("", "wrong_type")),
        (None, ("", "wrong_type")),
    ],
)
def test_what_is_wrong_is_refused_and_named(post, account, event, problem):
    wrong, right = post(event, login(key="fine"))

    assert (wrong["result"], right["result"]) == ("refused", "recorded")
    assert problem in codes(wrong)
    assert all(problem["message"] for problem in wrong["problems"])
    assert Event.objects.count() == 1


def test_not_more_than_a_day_ahead(post, account):
    now = clock.now()
    soon = (now + timedelta(hours=23)).isoformat()
    late = (now + timedelta(hours=25)).isoformat()

    fine, refused = post(login(occurred_at=soon), login(key="2", occurred_at=late))

    assert fine["result"] == "recorded"
    assert codes(refused) == [("occurred_at", "too_late")]


def test_numbers_no_json_knows_are_refused(call, account):
    body = json.dumps({"events": [order()]}).replace('"1249.90"', "NaN")

    assert call(body).json()["refused"] == 1


def test_other_kinds_where_they_are_reportable(post, account, monkeypatch):
    kind = kinds.Kind("order_tracked", "Order tracked", reportable=True)
    monkeypatch.setitem(kinds._known, kind.slug, kind)

    good, *bad = post(
        login(
            kind="order_tracked", data={"document": "AB-1", "days": 3, "late": False}
        ),
        login(kind="order_tracked", key="2", data={"deep": {"er": 1}}),
        login(kind="order_tracked", key="3", data={"Ä": 1}),
        login(kind="order_tracked", key="4", data={"big": 2**60}),
        login(
            kind="order_tracked", key="5", data={f"d{'x' * n}": 1 for n in range(21)}
        ),
        login(kind="order_tracked", key="6", data={"text": "a\x00"}),
        login(kind="logged_in", key="7", data={"text": "a"}),
    )

    assert good["result"] == "recorded"
    assert Event.objects.get().data == {"document": "AB-1", "days": 3, "late": False}
    assert [line["result"] for line in bad] == ["refused"] * 6


# -- The call itself -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 422),
        ("{", 400),
        (b"\xff\xfe", 400),
        ("[" * 100_000, 400),
        ("[]", 422),
        ("null", 422),
        ("{}", 422),
        ({"events": []}, 422),
        ({"events": "all"}, 422),
        ({"events": [login()], "more": 1}, 422),
        ({"events": [login()] * 1001}, 422),
    ],
)
def test_a_call_that_is_none(call, account, body, status):
    answer = call(body)

    assert answer.status_code == status
    assert answer.json()["detail"]
    assert not Event.objects.exists()


def test_a_thousand_events_are_fine(call, account):
    answer = call({"events": [login(key=f"{n}") for n in range(1000)]})

    assert answer.json()["recorded"] == 1000


def test_a_body_of_more_than_a_megabyte_is_not_read(call, account):
    answer = call({"events": [login(key="x" * 1024 * 1024)]})

    assert answer.status_code == 413
    assert "1048576" in answer.json()["detail"]


def test_strangers_stay_outside(call, account):
    other = keys.issue("ERP", "erp", ["customers"]).secret

    assert call({"events": [login()]}, key="onb_guess").status_code == 401
    assert call({"events": [login()]}, key=other).status_code == 403
    assert not Event.objects.exists()


def test_nobody_names_the_source_but_the_key(call, account):
    answer = call({"events": [login()], "source": "erp"})

    assert answer.status_code == 422


def test_getting_is_not_for_this_address(client, secret):
    headers = {"Authorization": f"Bearer {secret}"}

    assert client.get(URL, headers=headers).status_code == 405


@pytest.mark.parametrize(("number", "statements"), [(1, 10), (500, 13)])
def test_how_many_statements_a_call_takes(
    call, account, buyer, number, statements, django_assert_max_num_queries
):
    events = [order(key=f"{n}", document=f"D{n}") for n in range(number)]
    for event in events:
        event["buyer"] = {"email": "ana@acme.example"}

    with django_assert_max_num_queries(statements):
        assert call({"events": events}).json()["recorded"] == number
