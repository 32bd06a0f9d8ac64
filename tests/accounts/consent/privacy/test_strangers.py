"""Who is no buyer and yet named: found by her address, handed her data, erased."""

import io
import json
import zipfile
from datetime import timedelta

import pytest

from accounts.consent import suppression
from accounts.consent.models import ErasedName, PrivacyAct
from accounts.consent.privacy import care, strangers
from accounts.customers import addresses, clock, uploads
from accounts.customers.models import CustomerImport, ImportPart, StagedBuyer
from accounts.journal import invariants, matching
from accounts.journal.models import Event, EventKey, UnknownBuyer, UnmatchedEvent
from accounts.staff.models import Role
from tests.accounts.customers.conftest import Importing, quiet  # noqa: F401
from tests.factories import AccountFactory, BuyerFactory, UserFactory

from .conftest import AT
from .scenes import ANOTHER, HER, PAGE, report, take, where

FILE = "Customer No;Company;First name;E-mail\n;;Iria;{}\n"


def look(client, asked=HER):
    return client.post(f"{PAGE}find/", {"address": asked}).content.decode()


def posted(**fields):
    told = {"address": HER, "reason": "request", "leave_alone": "on"}
    return {**told, "confirmation": HER, **fields}


def erase(client, **fields):
    return client.post(f"{PAGE}unknown/erase", posted(**fields), follow=True)


def forget(by=None, *, leave_alone=True):
    return strangers.erase_unknown(
        strangers.find(HER),
        reason="request",
        by=by or UserFactory(),
        at=clock.now(),
        leave_alone=leave_alone,
    )


def finish(act):
    act.refresh_from_db()
    return care.go_on(act.pk, act.at + care.AFTERWARDS)


def test_she_is_found_by_her_address(client, manager, named):
    client.force_login(manager)

    page = look(client, "  Iria.Souto@unknown.example ")

    assert "We know no buyer by this address or id." in page
    assert "Named all the same" in page
    assert "Events of unknown buyers" in page
    assert "Erase this person" in page
    assert not PrivacyAct.objects.exists()


def test_of_whom_nothing_is_held_there_is_nothing_to_do(client, manager, named):
    client.force_login(manager)

    page = look(client, "nobody@unknown.example")

    assert "Named all the same" not in page
    assert "Erase this person" not in page


def test_what_is_no_address_finds_nothing(client, manager, named):
    client.force_login(manager)

    for asked in ("a", "%", "unknown.example", "@", ""):
        assert "Named all the same" not in look(client, asked)


def test_a_buyers_data_are_on_her_own_page(client, manager, named, company):
    buyer = BuyerFactory(account=company, email=HER)
    client.force_login(manager)

    page = look(client)

    assert f"/of/{buyer.pk}/" in page
    assert "Named all the same" not in page


def test_a_button_hands_out_what_is_hers_and_nothing_of_others(client, manager, named):
    client.force_login(manager)

    response = client.post(f"{PAGE}unknown/export", {"address": HER})

    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        told = json.loads(archive.read("data.json"))["data"]
        page = archive.read("data.html").decode()
    assert told["journal.unknownbuyer"][0]["email_key"] == HER
    assert told["journal.event"][0]["data"]["note"] == "Iria"
    assert len(told["journal.unmatchedevent"]) == 1
    assert ANOTHER not in page + json.dumps(told)
    act = PrivacyAct.objects.get()
    assert (act.act, act.buyer, act.by) == ("exported", None, manager)
    assert "consent_privacyact" not in where()
    again = client.get(f"{PAGE}unknown/{act.pk}/").content.decode()
    assert "The data were handed out." in again


def test_erased_she_is_nowhere_and_the_company_keeps_its_sums(client, manager, named):
    assert {"journal_event", "journal_unknownbuyer"} <= set(where())
    client.force_login(manager)

    page = erase(client).content.decode()

    assert "Somebody who was no buyer" in page
    act = PrivacyAct.objects.get()
    # Her address, for a moment: what is reported just now is looked for once more.
    assert where() == ["consent_privacyact"]
    assert not care.go_on(act.pk, act.at + care.AFTERWARDS / 2)
    assert finish(act)
    assert where() == []
    counts = {
        "journal.event": 1,
        "journal.unmatchedevent": 1,
        "journal.unknownbuyer": 1,
    }
    assert act.counts == counts
    event = Event.objects.get(pk=UnknownBuyer.objects.order_by("pk")[0].pk)
    assert event.data == {"amount": "120.50", "currency": "EUR", "document": "AB-1"}
    assert EventKey.objects.filter(event_id=event.pk, key=event.key).exists()
    assert UnmatchedEvent.objects.count() == 2
    assert where(ANOTHER)
    finished = client.get(f"{PAGE}unknown/{act.pk}/").content.decode()
    assert "Finished." in finished
    assert all(one.holds for one in invariants.audit(clock.now()))


def test_afterwards_the_page_says_so(client, manager, named):
    client.force_login(manager)
    finish(forget())

    page = look(client)

    assert "who was no buyer, was erased" in page
    assert "Commercial messages (Erased)" in page
    assert "Erase this person" not in page
    assert "No buyer of ours" in client.get(PAGE).content.decode()
    act = PrivacyAct.objects.get()
    response = client.get(f"{PAGE}{act.pk}/change/")
    assert response.url == f"{PAGE}unknown/{act.pk}/"


def test_who_is_only_left_alone_is_not_said_to_be_named(client, manager, named):
    client.force_login(manager)
    assert "stands elsewhere" in look(client)
    strangers.erase_unknown(
        strangers.find(HER), reason="request", by=manager, at=AT, leave_alone=True
    )
    page = look(client)
    assert "left alone" in page
    assert "stands elsewhere" not in page


def test_late_news_does_not_bring_her_name_back(named):
    finish(forget())

    take(
        report(f"order-{HER}-1", HER.title(), amount="120.50", currency="EUR"),
        report(f"order-{HER}-9", HER, amount="7.00", currency="EUR"),
    )

    assert where() == []
    assert Event.objects.filter(data__amount="7.00").count() == 1


def write_down_late():
    """By who had asked before whether she is erased, and committed after."""
    event = Event.objects.order_by("-pk")[0]
    UnknownBuyer.objects.filter(event_id=event.pk).delete()
    UnknownBuyer.objects.create(
        event_id=event.pk, account_id=event.account_id, email_key=HER
    )


def test_what_was_being_reported_just_then_is_found_afterwards(named):
    act = forget()
    write_down_late()
    assert "journal_unknownbuyer" in where()

    assert finish(act)

    assert where() == []


def test_who_looked_only_once_would_leave_it(named, monkeypatch):
    """The negative control."""
    act = forget()
    write_down_late()
    monkeypatch.setattr(strangers, "erase_again", lambda act: None)

    finish(act)

    assert where() == ["journal_unknownbuyer"]


def test_twice_is_once(client, manager, named):
    client.force_login(manager)

    for _time in range(2):
        assert erase(client).status_code == 200

    assert PrivacyAct.objects.count() == 1
    assert ErasedName.objects.count() == 1


def test_without_the_tick_her_address_is_not_left_alone(named):
    forget(leave_alone=False)

    assert not suppression.active(addresses.hash_of(HER)).exists()


@pytest.mark.parametrize("wrong", [{"confirmation": "iria"}, {"reason": ""}])
def test_a_slip_erases_nothing_and_loses_nothing(client, manager, named, wrong):
    client.force_login(manager)

    page = erase(client, **wrong).content.decode()

    assert "Nothing was erased yet" in page
    assert f'value="{HER}"' in page
    assert "Erase this person" in page
    assert not PrivacyAct.objects.exists()
    assert "journal_unknownbuyer" in where()


def test_who_has_become_a_buyer_meanwhile_is_not_erased_by_the_way(
    client, manager, named, company
):
    client.force_login(manager)
    buyer = BuyerFactory(account=company, email=HER)

    page = erase(client).content.decode()

    assert f"/of/{buyer.pk}/" in page
    assert not PrivacyAct.objects.exists()


def test_a_file_that_names_her_goes(manager, named):
    uploads.receive(io.BytesIO(FILE.format(HER).encode()), "list.csv", "customers")
    other = FILE.format(ANOTHER).encode()
    uploads.receive(io.BytesIO(other), "other.csv", "customers")
    act = forget(manager)

    assert finish(act)

    act.refresh_from_db()
    assert act.files_gone == 1
    assert ImportPart.objects.get().batch.file_name == "other.csv"


def test_a_line_that_waits_to_be_applied_goes_and_so_does_its_file(
    client,
    manager,
    company,
    quiet,  # noqa: F811
):
    importing = Importing()
    importing.check(f"Customer No;Company;E-mail\nC900;Molinos SL;{HER}\n")
    client.force_login(manager)
    assert "Lines of a file that wait" in look(client)

    assert finish(forget(manager))

    assert where() == []
    assert not StagedBuyer.objects.exists()
    assert not ImportPart.objects.exists()
    assert not CustomerImport.objects.filter(state="checked").exists()


@pytest.mark.parametrize(
    "role", [Role.MARKETING_EDITOR, Role.ANALYST, Role.TRAINER, Role.SALES_REP]
)
def test_who_may_not_cannot(client, named, role):
    act = forget()
    client.force_login(UserFactory(role=role))

    for deed in ("find/", "unknown/export", "unknown/erase"):
        assert client.post(f"{PAGE}{deed}", posted()).status_code in {302, 403}
    assert client.get(f"{PAGE}unknown/{act.pk}/").status_code in {302, 403}
    assert PrivacyAct.objects.count() == 1


def test_looking_by_get_does_nothing(client, manager, named):
    client.force_login(manager)

    for deed in ("export", "erase"):
        assert client.get(f"{PAGE}unknown/{deed}").status_code == 405


def test_of_a_buyer_the_act_is_shown_on_her_page(client, manager, person):
    client.force_login(manager)
    act = PrivacyAct.objects.create(
        act="exported", buyer=person, reason="request", at=AT - timedelta(days=1)
    )

    response = client.get(f"{PAGE}unknown/{act.pk}/")

    assert response.url == f"{PAGE}of/{person.pk}/"


def test_what_waits_for_its_company_is_taken_in_when_that_comes(named):
    order = {"amount": "7.00", "currency": "EUR"}
    take(
        report(f"order-{HER}-7", HER, account="LATER", **order, document="L-1"),
        report(f"order-{HER}-8", HER, account="LATER", **order, document="L-2"),
    )
    finish(forget())

    AccountFactory(number="LATER")
    matching.match_again(clock.now())
    take(report(f"order-{HER}-7", HER, account="LATER", **order, document="L-1"))

    assert Event.objects.filter(account__number="LATER").count() == 2
    waiting = UnmatchedEvent.objects.filter(account_number="later")
    assert waiting.count() == 2
    assert not waiting.filter(matched_at=None).exists()
    assert where() == []
    assert all(one.holds for one in invariants.audit(clock.now()))
