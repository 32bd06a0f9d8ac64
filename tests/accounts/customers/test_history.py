"""An account's history in words: names instead of numbers, sources instead of codes."""

from accounts.customers import history
from accounts.customers.models import AccountFact
from tests.factories import AccountFactory, UserFactory


def told(account):
    facts = history.with_names(AccountFact.objects.filter(account=account))
    return [(one.kind, history.value(one), history.source(one)) for one in facts]


def test_a_rep_and_a_colleague_are_named(db):
    rep, colleague = UserFactory(name="Elena Ruiz"), UserFactory(name="Marina Otero")
    account = AccountFactory()
    account.rep = rep
    account.save(source=f"user:{colleague.pk}")
    assert told(account) == [("rep", "Elena Ruiz", "Marina Otero")]


def test_who_left_is_a_former_colleague(db):
    rep = UserFactory()
    account = AccountFactory(rep=rep)
    AccountFact.objects.filter(account=account).update(value="99999999")
    assert told(account) == [("rep", "a former colleague", "")]


def test_the_source_is_said_in_words(db):
    account = AccountFactory()
    account.is_key = True
    account.save(source="import:12")
    assert told(account) == [("key", "yes", "File imported")]


def test_names_cost_no_statement_per_fact(db, django_assert_num_queries):
    for _ in range(5):
        AccountFactory(rep=UserFactory(), is_key=True)
    with django_assert_num_queries(1):
        facts = list(history.with_names(AccountFact.objects.all()))
        assert all(history.value(one) for one in facts)
