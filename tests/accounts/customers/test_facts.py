"""What an account was on any earlier date."""

from datetime import timedelta

from django.db import connection

from accounts.customers import facts
from accounts.customers.models import Account, AccountFact
from tests.factories import AccountFactory, UserFactory

from .conftest import NOON

DAY = timedelta(days=1)


def history(account, kind="eligible"):
    found = AccountFact.objects.filter(account=account, kind=kind).order_by("id")
    return [(fact.value, fact.reason, fact.valid_until is None) for fact in found]


def change(account, at, **values):
    Account.objects.filter(pk=account.pk).update(**values)
    facts.sync([account.pk], at, "test")


def test_what_is_usual_needs_no_fact(db):
    account = AccountFactory()
    assert not account.facts.exists()


def test_saving_tells_the_history(db):
    rep = UserFactory()
    account = AccountFactory(eligible=False, ineligible_reason="hold", rep=rep)
    assert history(account) == [("no", "hold", True)]
    assert history(account, "rep") == [(str(rep.pk), "", True)]
    account.eligible, account.is_key = True, True
    account.save(source="user:7")
    assert history(account) == [("no", "hold", False)]
    assert history(account, "key") == [("yes", "", True)]
    assert account.facts.get(kind="key").source == "user:7"


def test_the_same_again_adds_nothing(db):
    account = AccountFactory(is_key=True)
    before = list(AccountFact.objects.values())
    account.save()
    facts.sync([account.pk], NOON)
    assert list(AccountFact.objects.values()) == before


def test_another_reason_is_another_fact(db):
    account = AccountFactory(eligible=False, ineligible_reason="hold")
    account.ineligible_reason = "fraud"
    account.save()
    assert history(account) == [("no", "hold", False), ("no", "fraud", True)]


def test_any_moment_can_be_asked(db):
    account = AccountFactory()
    change(account, NOON, eligible=False, is_key=True)
    change(account, NOON + DAY, eligible=True)

    def at(moment):
        return (
            Account.objects.were_eligible(moment).exists(),
            Account.objects.were_key(moment).exists(),
        )

    assert at(NOON - DAY) == (True, False)
    assert at(NOON) == (False, True)
    assert at(NOON + DAY) == (True, True)


def test_many_accounts_take_two_statements(db, django_assert_num_queries):
    accounts = [AccountFactory(is_key=True) for _ in range(20)]
    Account.objects.update(is_key=False)
    connection.queries_log.clear()
    with django_assert_num_queries(4):  # two, between the marks of a savepoint
        facts.sync([account.pk for account in accounts], NOON)
    assert not AccountFact.objects.filter(valid_until=None).exists()


def test_the_database_keeps_the_segments_that_are_over(db):
    account = AccountFactory(segment="workshop")
    Account.objects.filter(pk=account.pk).update(name="Renamed", segment="workshop")
    assert history(account, "segment") == []
    Account.objects.filter(pk=account.pk).update(segment="hotel")
    account.refresh_from_db()
    account.segment = ""
    account.save()
    account.segment = "kitchen"
    account.save()
    first, second = account.facts.filter(kind="segment")
    assert (first.value, second.value) == ("workshop", "hotel")
    assert first.valid_from == account.created_at
    assert first.valid_until == second.valid_from
