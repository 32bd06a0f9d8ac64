"""What was being written down in the moment of her erasure, and committed after it."""

import pytest

from accounts.consent.models import PrivacyAct
from accounts.consent.privacy import care
from accounts.consent.privacy.erase import erase
from accounts.customers import clock
from accounts.journal import intake, invariants, naming, react
from accounts.journal.models import Event, EventConflict
from campaigns.invitations.models import Invitation
from tests.accounts.customers.conftest import Importing, quiet  # noqa: F401
from tests.factories import BuyerFactory

from .scenes import report, take, where

HERS = "zoraida"
ADDRESS = "zoraida.quintanilla@molinos.example"


@pytest.fixture
def erased_meanwhile(person, monkeypatch):
    """By who had found her before, as she still was."""
    find = naming.resolve

    def resolve(reports):
        found = find(reports)
        erase(person, reason="request", by=None, at=clock.now(), leave_alone=True)
        return found

    monkeypatch.setattr(intake.naming, "resolve", resolve)
    told = {"amount": "7.00", "currency": "EUR", "note": "Zoraida rang"}
    take(report(f"order-{ADDRESS}", ADDRESS, account="C777", **told))
    monkeypatch.undo()
    return person


def finish():
    act = PrivacyAct.objects.get(finished_at=None)
    return care.go_on(act.pk, act.at + care.AFTERWARDS)


def test_it_is_looked_for_once_more_and_counts(erased_meanwhile):
    assert "journal_event" in where(HERS)
    act = PrivacyAct.objects.get()
    assert not care.go_on(act.pk, act.at + care.AFTERWARDS / 2)

    assert finish()

    assert where(HERS) == []
    event = Event.objects.get(kind="ordered")
    assert event.data == {"amount": "7.00", "currency": "EUR"}
    assert event.buyer_id == erased_meanwhile.pk
    assert Event.objects.filter(kind="erased").count() == 1
    assert not EventConflict.objects.exists()
    react.react_to_all(clock.now())
    assert all(one.holds for one in invariants.audit(clock.now()))


def test_who_looked_only_once_would_leave_it(erased_meanwhile, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(care, "_look_again", lambda act: None)

    assert finish()

    assert "journal_event" in where(HERS)


def test_who_came_again_in_that_minute_keeps_what_is_hers(
    person,
    quiet,  # noqa: F811
):
    erase(person, reason="request", by=None, at=clock.now(), leave_alone=False)
    importing = Importing()
    line = f"Customer No;Company;First name;E-mail\nC777;Molinos SL;Zoraida;{ADDRESS}\n"
    importing.apply(line, "again.csv")
    importing.check(line.replace("Zoraida", "Zoraida Ana"), "changed.csv")
    before = where(HERS)
    assert "customers_stagedbuyer" in before

    finish()

    assert set(where(HERS)) == set(before) - {"consent_privacyact"}


def test_a_row_counts_once_whatever_becomes_of_it(person):
    Invitation.objects.create(
        buyer=person, account=person.account, address_hash=person.address_hash
    )

    act = erase(person, reason="request", by=None, at=clock.now(), leave_alone=True)

    assert act.counts["invitations.invitation"] == 1


def test_a_colleague_keeps_her_events(erased_meanwhile):
    colleague = BuyerFactory(account=erased_meanwhile.account)
    take(report("in-9", colleague.email, account="C777", note="Pedro"))

    finish()

    assert Event.objects.get(key="in-9").data == {"note": "Pedro"}
