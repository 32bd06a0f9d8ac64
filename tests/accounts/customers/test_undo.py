"""An import is taken back as far as nobody has built on it since."""

from datetime import timedelta

import pytest

from accounts.consent import choices
from accounts.customers import jobs, usage
from accounts.customers.importing.undo import undo
from accounts.customers.models import Account, AccountFact, Buyer, ImportChange
from tests.factories import AccountFactory, BuyerFactory, UserFactory

from .conftest import NOON, csv, everything, fresh

LIST = csv(
    "number|name|city|email|phone|sales rep|blocked",
    "1|Acme S.L.|Vigo|ana@acme.example|600|rep|",
    "2|Bolt|Cork|bob@bolt.example|||X",
)

LONGER = csv(
    "number|name|city|email|phone|sales rep|blocked",
    "1|Acme S.L.|Vigo|ana@acme.example|600|rep|",
    "2|Bolt|Cork|bob@bolt.example|||X",
    "3|Cold|Bern|cy@cold.example|||",
)


@pytest.fixture
def before(importing):
    """One of the two accounts is there already, with its buyer."""
    rep = UserFactory(rep_code="rep")
    account = AccountFactory(number="1", name="Acme", city="", annual_value="5.00")
    BuyerFactory(account=account, email="ana@acme.example", phone="1")
    return rep, everything()


@pytest.fixture
def applied(importing, before):
    return importing.apply(LIST)


def stayed(batch):
    return {
        (change.model, change.label.split()[0], change.undo_refused)
        for change in ImportChange.objects.filter(batch=batch).exclude(undo_refused="")
    }


def test_everything_is_as_before(importing, applied, before):
    assert everything() != before[1]
    done = importing.undo(applied)
    assert everything() == before[1]
    assert stayed(done) == set()
    assert done.counts["undone_deleted"] == 2
    assert done.counts["undone_restored"] == 2
    assert done.counts["undone_kept"] == 0


def test_history_is_continued_not_rewritten(importing, applied, before):
    importing.undo(applied)
    fact = AccountFact.objects.get(account__number="1", kind="rep")
    assert fact.value == str(before[0].pk)
    assert fact.valid_until is not None


def test_a_field_changed_since_stays_and_the_others_go_back(importing, applied):
    Account.objects.filter(number="1").update(city="Lugo")
    done = importing.undo(applied)
    account = Account.objects.get(number="1")
    assert (account.name, account.city, account.rep) == ("Acme", "Lugo", None)
    assert ("account", "1", "changed") in stayed(done)


def test_what_was_created_and_changed_since_stays(importing, applied):
    Account.objects.filter(number="2").update(segment="Retail")
    done = importing.undo(applied)
    assert Account.objects.filter(number="2").exists()
    assert not Buyer.objects.filter(email="bob@bolt.example").exists()
    assert stayed(done) == {("account", "2", "changed")}


def test_a_buyer_who_chose_something_stays_with_her_company(importing, applied):
    bob = Buyer.objects.get(email="bob@bolt.example")
    choices.object_to_marketing(bob, "unsubscribe_page", "…", NOON)
    done = importing.undo(applied)
    assert Buyer.objects.filter(pk=bob.pk).exists()
    assert stayed(done) == {
        ("buyer", "bob@bolt.example", "used"),
        ("account", "2", "has_buyers"),
    }


def test_whoever_registered_a_use_is_asked(importing, applied, monkeypatch):
    account = Account.objects.get(number="2")
    monkeypatch.setattr(usage, "_asked", {})
    usage.register("test", lambda model, ids: {account.pk} & set(ids))
    done = importing.undo(applied)
    assert ("account", "2", "used") in stayed(done)
    assert Account.objects.filter(pk=account.pk).exists()


def test_what_a_later_import_holds_as_well_stays(importing):
    first = importing.apply(LIST)
    importing.apply(LONGER)
    done = importing.undo(first)
    assert stayed(done) == {
        ("account", "1", "has_buyers"),
        ("account", "2", "has_buyers"),
        ("buyer", "ana@acme.example", "held"),
        ("buyer", "bob@bolt.example", "held"),
    }
    assert Buyer.objects.count() == 3


def test_what_only_an_import_holds_that_was_undone_goes(importing):
    first = importing.apply(LIST)
    importing.undo(importing.apply(LONGER))
    assert stayed(importing.undo(first)) == set()
    assert not Account.objects.exists()


def test_a_buyer_added_by_hand_keeps_the_account(importing, applied):
    BuyerFactory(account=Account.objects.get(number="2"), email="new@bolt.example")
    done = importing.undo(applied)
    assert stayed(done) == {("account", "2", "has_buyers")}
    assert list(Buyer.objects.filter(account__number="2").values_list("email")) == [
        ("new@bolt.example",)
    ]


def test_an_address_given_to_a_colleague_since_is_not_taken_from_her(importing, before):
    account = Account.objects.get(number="1")
    buyer = account.buyers.get()
    buyer.external_id = "u1"
    buyer.save()
    done = importing.apply(csv("number|buyer id|email", "1|u1|new@acme.example"))
    BuyerFactory(account=account, email="ana@acme.example")
    undone = importing.undo(done)
    assert Buyer.objects.get(pk=buyer.pk).email == "new@acme.example"
    assert stayed(undone) == {("buyer", "Ana", "changed")}


def test_rows_that_are_gone_are_told(importing, applied):
    Buyer.objects.filter(email="ana@acme.example").delete()
    done = importing.undo(applied)
    assert ("buyer", "Ana", "gone") in stayed(done)


def test_a_rep_who_left_is_not_put_back(importing):
    rep, newer = UserFactory(), UserFactory(rep_code="new")
    AccountFactory(number="1", name="Acme", rep=rep)
    done = importing.apply(csv("number|sales rep", "1|new"))
    rep.delete()
    importing.undo(done)
    assert Account.objects.get().rep == newer


def test_amounts_dates_and_flags_come_back_exactly(importing):
    AccountFactory(
        number="1",
        name="Acme",
        annual_value="1234567.89",
        customer_since=NOON.date(),
        is_key=True,
        eligible=False,
        ineligible_reason="audit",
        ineligible_until=NOON.date() + timedelta(days=900),
    )
    before = everything()
    done = importing.apply(
        csv(
            "number|sales|since|key|blocked",
            "1|5.10|2001-02-03|no|no",
        )
    )
    assert everything() != before
    importing.undo(done)
    assert everything() == before


def test_many_accounts_are_undone_in_spans(importing, monkeypatch):
    from accounts.customers.importing import undo as module

    monkeypatch.setattr(module, "SPAN", 3)
    lines = [f"{n}|Company {n}|b{n}@x.es" for n in range(10)]
    done = importing.apply(csv("number|name|email", *lines))
    importing.undo(done)
    assert not Account.objects.exists()
    assert not Buyer.objects.exists()


def test_undo_beats_and_can_lose_its_lease(importing, applied):
    def lose(done):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        undo(jobs.Job(fresh(applied), NOON, lose))
