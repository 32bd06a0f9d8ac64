"""From the rep's code in the ERP to a person."""

import pytest
from django.urls import reverse

from accounts.customers import reps
from accounts.customers.models import Account, RepCode
from accounts.staff.models import Role
from tests.factories import AccountFactory, UserFactory

from .conftest import NOON, csv


@pytest.mark.parametrize(
    "code", ["jvidal", " JVIDAL ", "jvidal@distribuidor.example", "JVidal@X.es"]
)
def test_one_rep_in_every_spelling(db, code):
    rep = UserFactory(rep_code="JVidal")
    assert reps.directory()[reps.fold(code)] == rep.pk


def test_without_a_code_the_address_names_the_rep(db):
    rep = UserFactory(email="klynch@house.example")
    assert reps.directory()["klynch"] == rep.pk


def test_a_code_wins_over_an_address_and_a_person_s_word_over_both(db):
    by_mail = UserFactory(email="kl@house.example")
    by_code = UserFactory(rep_code="KL")
    assert reps.directory()["kl"] == by_code.pk
    RepCode.objects.create(code="kl", user=by_mail)
    assert reps.directory()["kl"] == by_mail.pk


def test_who_left_answers_to_nothing(db):
    UserFactory(rep_code="old", is_active=False)
    assert "old" not in reps.directory()


def test_codes_without_a_person_are_counted(db):
    for code in ("a", "b", "b", ""):
        AccountFactory(rep_code=code)
    AccountFactory(rep_code="c", rep=UserFactory())
    assert reps.unmatched() == [("b", 2), ("a", 1)]


def test_an_answer_holds_for_now_and_for_later_imports(importing):
    importing.apply(csv("number|name|sales rep", "1|A|KL", "2|B|kl@x.es"))
    rep = UserFactory()
    assert reps.assign("KL", rep, NOON) == 2
    assert reps.unmatched() == []
    importing.apply(csv("number|name|sales rep", "3|C|kl"))
    assert set(Account.objects.values_list("rep", flat=True)) == {rep.pk}
    facts = Account.objects.get(number="1").facts.get()
    assert (facts.kind, facts.value, facts.valid_from) == ("rep", str(rep.pk), NOON)


def test_an_account_given_by_hand_is_left_with_whom_it_is(db):
    keeper, rep = UserFactory(), UserFactory()
    AccountFactory(rep_code="kl", rep=keeper)
    assert reps.assign("kl", rep, NOON) == 0
    assert Account.objects.get().rep == keeper


def test_the_page_assigns(client, db):
    client.force_login(UserFactory(role=Role.MARKETING_MANAGER))
    rep = UserFactory(role=Role.SALES_REP, name="Kay Lynch")
    AccountFactory(rep_code="kl")
    url = reverse("admin:customers_account_reps")
    assert "kl" in client.get(url).content.decode()
    page = client.post(url, {"code": "kl", "user": rep.pk}, follow=True)
    assert "1 account now belongs to Kay Lynch." in page.content.decode()
    assert Account.objects.get().rep == rep


def test_an_editor_does_not_give_accounts_away(client, db):
    client.force_login(UserFactory(role=Role.MARKETING_EDITOR))
    assert client.get(reverse("admin:customers_account_reps")).status_code == 403
