"""Whom the store knows by its own id alone: found by it, handed her data, erased."""

import io
import json
import zipfile

import pytest

from accounts.consent.models import ErasedName, PrivacyAct
from accounts.consent.privacy import care, strangers
from accounts.consent.privacy.erase import erase as erase_buyer
from accounts.customers import clock
from accounts.journal import invariants, matching
from accounts.journal.models import Event, EventConflict, UnknownBuyer, UnmatchedEvent
from tests.factories import AccountFactory, BuyerFactory

from .scenes import AT, HER, PAGE, report, take, where

ID = "web-5521"
#: Hers stands in it.
ANOTHER = "web-55210"


@pytest.fixture
def called(company):
    """By an event of her company; by the same words another, and a colleague."""
    AccountFactory(number="C901", name="Otra SL")
    take(
        report("order-1", called=ID, amount="120.50", currency="EUR", note="Iria"),
        report("order-2", called=ANOTHER, amount="7.00", currency="EUR"),
        report("order-3", called=ID, account="C901", note="Otto"),
        report("in-1", called=ID, kind="logged_in", account="NOBODY"),
    )


def look(client, asked=ID, **chosen):
    return client.post(f"{PAGE}find/", {"address": asked, **chosen}).content.decode()


def posted(**fields):
    told = {"address": ID, "whom": "id:c900", "reason": "request", "confirmation": ID}
    return {**told, **fields}


def erase(client, **fields):
    return client.post(f"{PAGE}unknown/erase", posted(**fields), follow=True)


def finish():
    for act in PrivacyAct.objects.filter(finished_at=None):
        assert care.go_on(act.pk, act.at + care.AFTERWARDS)


def test_an_id_may_be_several_people(client, manager, called):
    client.force_login(manager)

    page = look(client, f" {ID} ")

    assert "Whom do you mean?" in page
    for company in ("C900", "C901", "nobody"):
        assert company in page
    assert "Erase this person" not in page


def test_one_of_them_is_chosen(client, manager, called):
    client.force_login(manager)

    page = look(client, whom="id:c900")

    assert "Molinos SL" in page
    assert "Events of unknown buyers" in page
    assert "Erase this person" in page
    assert "Leave the address alone" not in page


def test_the_only_one_is_shown_at_once(client, manager, company):
    take(report("order-1", called=ID))
    client.force_login(manager)

    assert "Erase this person" in look(client)
    assert "Erase this person" not in look(client, "web-5")


def test_buyers_are_found_by_it(client, manager, person):
    client.force_login(manager)

    assert f"/of/{person.pk}/" in look(client, person.external_id)


def test_what_is_hers_is_handed_out_and_nothing_of_others(client, manager, called):
    client.force_login(manager)

    response = client.post(f"{PAGE}unknown/export", posted())

    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        told = archive.read("data.json").decode()
    events = json.loads(told)["data"]["journal.event"]
    assert [one["data"]["note"] for one in events] == ["Iria"]
    assert "Otto" not in told


def test_she_alone_is_erased_and_the_company_keeps_its_sums(client, manager, called):
    client.force_login(manager)

    page = erase(client).content.decode()

    assert "Somebody who was no buyer" in page
    assert "the address is kept" not in page
    assert ID not in json.dumps(PrivacyAct.objects.get().looked_for)
    finish()
    event = Event.objects.get(key="order-1")
    assert event.data == {"amount": "120.50", "currency": "EUR"}
    assert UnknownBuyer.objects.get(pk=event.pk).external_id == ""
    left = UnknownBuyer.objects.exclude(external_id="").values_list("external_id")
    assert sorted(left) == [(ID,), (ANOTHER,)]
    assert UnmatchedEvent.objects.get().body["buyer"] == {"external_id": ID}
    assert all(one.holds for one in invariants.audit(clock.now()))


def test_late_news_does_not_bring_her_back(client, manager, called):
    client.force_login(manager)
    for whom in ("id:c900", "id:c901", "id:nobody"):
        assert "Somebody who was no buyer" in erase(client, whom=whom).content.decode()
    finish()

    for account in ("C900", "C901", "NOBODY"):
        take(report(f"late-{account}", called=ID, account=account, note="Iria"))
    AccountFactory(number="NOBODY")
    matching.match_again(clock.now())

    assert where(rf"{ID}\M") == []
    assert where("Iria") == []


def test_afterwards_the_page_says_so(client, manager, company):
    take(report("order-1", called=ID))
    client.force_login(manager)
    erase(client)
    finish()

    page = look(client)

    assert "who was no buyer, was erased" in page
    assert "Erase this person" not in page


def write_down_late():
    """By who had asked before whether she is erased, and committed after."""
    UnknownBuyer.objects.filter(event_id=Event.objects.get(key="order-1").pk).update(
        external_id=ID
    )


def test_what_was_being_reported_just_then_is_found_afterwards(client, manager, called):
    client.force_login(manager)
    erase(client)
    write_down_late()

    finish()

    event = Event.objects.get(key="order-1")
    assert UnknownBuyer.objects.get(pk=event.pk).external_id == ""
    assert UnknownBuyer.objects.filter(external_id=ID).count() == 1


def test_who_looked_only_once_would_leave_it(client, manager, called, monkeypatch):
    """The negative control."""
    client.force_login(manager)
    erase(client)
    write_down_late()
    monkeypatch.setattr(strangers, "erase_again", lambda act: None)

    finish()

    assert UnknownBuyer.objects.filter(external_id=ID).count() == 2


def test_twice_is_once_and_another_is_not_taken_for_her(client, manager, called):
    client.force_login(manager)
    for _time in range(2):
        erase(client)
    erase(client, whom="id:c901")

    assert PrivacyAct.objects.count() == 2
    assert ErasedName.objects.count() == 2


@pytest.mark.parametrize("wrong", [{"confirmation": "web"}, {"reason": ""}])
def test_a_slip_erases_nothing_and_loses_nothing(client, manager, called, wrong):
    client.force_login(manager)

    page = erase(client, **wrong).content.decode()

    assert "Nothing was erased yet" in page
    assert 'value="id:c900"' in page
    assert not PrivacyAct.objects.exists()


@pytest.mark.parametrize("whom", ["id:C777", "", "nonsense"])
def test_who_is_not_there_is_not_erased(client, manager, called, whom):
    client.force_login(manager)

    erase(client, whom=whom)

    assert not PrivacyAct.objects.exists()


def test_who_is_a_buyer_meanwhile_is_not_erased_by_the_way(
    client, manager, called, company
):
    client.force_login(manager)
    buyer = BuyerFactory(account=company, external_id=ID)

    page = erase(client).content.decode()

    assert f"/of/{buyer.pk}/" in page
    assert not PrivacyAct.objects.exists()


def test_an_address_is_found_that_nobody_can_have(client, manager, company):
    """A store may have taken it."""
    take(report("order-1", "maría@unknown.example"))
    client.force_login(manager)

    assert "Named all the same" in look(client, "MARÍA@unknown.example")


def test_a_buyer_is_erased_from_what_calls_her_by_her_id_alone(company):
    AccountFactory(number="00C900")
    buyer = BuyerFactory(account=company, external_id=ID, email=HER)
    take(
        report("in-1", called=ID, account="0C900"),
        report("in-2", called=ID, account="C9000"),
        report("in-3", called=ID, account="0C900", note="Iria"),
        report("in-3", called=ID, account="0C900", note="Iria again"),
    )
    waiting = UnmatchedEvent.objects.filter(reason="ambiguous_account")
    assert waiting.count() == 2
    assert EventConflict.objects.exists()

    erase_buyer(buyer, reason="request", by=None, at=AT, leave_alone=True)

    assert {str(one.body["buyer"]) for one in waiting.all()} == {"{}"}
    assert EventConflict.objects.get().body["buyer"] == {}
    assert where("Iria") == []
    # Of another company, where it is somebody else.
    other = UnmatchedEvent.objects.get(key="in-2")
    assert other.body["buyer"] == {"external_id": ID}


@pytest.mark.django_db
@pytest.mark.parametrize("asked", ["", " ", "a\0b", "\0", "x" * 5_000, "'\"%s_%"])
def test_nonsense_is_nobody(client, manager, asked):
    client.force_login(manager)
    assert client.post(f"{PAGE}find/", {"address": asked}).status_code == 200
