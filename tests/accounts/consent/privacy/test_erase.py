"""Erasing a person: what goes, what stays, who may, and once only."""

import io
from datetime import timedelta
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.consent import choices, suppression
from accounts.consent.models import Choice, Permission, PrivacyAct, Suppression
from accounts.consent.privacy import care, door, files
from accounts.consent.privacy.erase import erase
from accounts.customers import uploads
from accounts.customers.models import (
    Account,
    Buyer,
    CustomerImport,
    ImportChange,
    ImportPart,
    StagedBuyer,
)
from accounts.journal import clock, invariants, react
from accounts.journal.models import Event
from accounts.journal.record import NewEvent, record
from accounts.staff.models import Role
from tests.accounts.customers.conftest import Importing, quiet  # noqa: F401
from tests.factories import BuyerFactory, UserFactory
from tests.races import at_once

from .conftest import AT

FILE = "Customer No;Company;First name;E-mail\nC777;Molinos SL;{};{}\n"


def address(buyer, deed=""):
    return f"/admin/consent/privacyact/of/{buyer.pk}/{deed}"


def forget(buyer, *, reason="request", leave_alone=True, by=None):
    return erase(buyer, reason=reason, by=by, at=AT, leave_alone=leave_alone)


def finish():
    later = clock.now() + care.AFTERWARDS
    return [care.go_on(act, later) for act in care.unfinished()]


def posted(buyer, **fields):
    return {
        "reason": "request",
        "leave_alone": "on",
        "confirmation": buyer.email,
        **fields,
    }


def upload(name, email, file_name="list.csv"):
    content = FILE.format(name, email).encode()
    return uploads.receive(io.BytesIO(content), file_name, "customers")


def holds(invariant="I10"):
    found = invariants.audit(clock.now())
    return all(one.holds for one in found if one.invariant.code == invariant)


def test_a_number_stays(person, manager):
    act = forget(person, by=manager)

    person.refresh_from_db()
    assert (person.email, person.full_name, person.phone) == ("", "", "")
    assert (person.external_id, person.address_hash) == ("", None)
    assert (person.erased_at, person.active) == (AT, False)
    assert str(person) == f"Erased person {person.pk}"
    assert (act.by, act.reason, act.at) == (manager, "request", AT)


def test_what_was_chosen_stays_as_proof_without_words(person):
    forget(person)

    choice = Choice.objects.get(buyer=person)
    assert (choice.state, choice.occurred_at) == ("granted", AT)
    assert (choice.source, choice.wording) == ("–", "")
    assert not Permission.objects.filter(buyer=person).exists()


def test_twice_is_once(person):
    first = forget(person)

    assert forget(person, reason="other") == first
    assert PrivacyAct.objects.count() == 1
    assert Event.objects.filter(kind="erased").count() == 1


@pytest.mark.django_db(transaction=True)
def test_at_once_is_once(person):
    acts = at_once(lambda: forget(Buyer.objects.get(pk=person.pk)).pk, 3)

    assert len(set(acts)) == 1
    assert Event.objects.filter(kind="erased").count() == 1


def test_the_address_is_left_alone_by_a_keyed_hash(person):
    address_hash = bytes(person.address_hash)

    forget(person)

    left = suppression.active(address_hash).get()
    assert (left.scope, left.reason) == ("marketing", "erased")


def test_who_is_cleared_away_may_come_again(person):
    address_hash = bytes(person.address_hash)

    forget(person, reason="retention", leave_alone=False)

    assert not suppression.active(address_hash).exists()


def test_who_objected_is_left_alone_whatever_is_asked(person):
    choices.object_to_marketing(person, choices.PAGE, "Stop", AT)
    suppression.lift(Suppression.objects.get(), "by mistake", at=AT, by=UserFactory())
    address_hash = bytes(person.address_hash)

    forget(person, reason="retention", leave_alone=False)

    assert suppression.active(address_hash).exists()


def test_a_complaint_stays_a_complaint(person):
    address_hash = bytes(person.address_hash)
    choices.object_to_marketing(
        person, choices.COMPLAINT, "postmark", AT, reason="complained"
    )

    forget(person)

    assert suppression.active(address_hash).get().reason == "complained"


def test_who_was_erased_can_still_object(person):
    address_hash = bytes(person.address_hash)
    forget(person, leave_alone=False)
    person.refresh_from_db()

    assert choices.object_to_marketing(person, choices.ONE_CLICK, "", AT)
    assert not choices.object_to_marketing(person, choices.ONE_CLICK, "", AT)

    assert suppression.active(address_hash).exists()


def test_no_name_comes_back(person):
    forget(person)

    with (
        pytest.raises(IntegrityError, match="erased_has_no_name"),
        transaction.atomic(),
    ):
        Buyer.objects.filter(pk=person.pk).update(first_name="Zoraida")


def test_a_colleague_keeps_everything(person):
    colleague = BuyerFactory(account=person.account, first_name="Perpetua")
    choices.grant(colleague, "Perpetua rang us", "Yes", AT)

    forget(person)

    colleague.refresh_from_db()
    assert colleague.first_name == "Perpetua"
    assert Choice.objects.get(buyer=colleague).source == "Perpetua rang us"
    assert Permission.objects.filter(buyer=colleague).exists()


# -- History -------------------------------------------------------------------------


@pytest.fixture
def event(person):
    told = {"amount": "10", "currency": "EUR", "channel": "online", "document": "A-1"}
    new = NewEvent(
        kind="ordered",
        account_id=person.account_id,
        buyer_id=person.pk,
        occurred_at=AT,
        source="store",
        key=f"order of {person.email}",
        data={**told, "note": "for Zoraida"},
    )
    outcome = record(new)
    react.react_to_all(clock.now())
    return new, Event.objects.get(pk=outcome.event_id)


def test_what_happened_stays_in_the_journal_and_its_sums(person, event):
    new, before = event

    forget(person)
    finish()
    react.react_to_all(clock.now())

    after = Event.objects.get(pk=before.pk)
    assert after.data == {name: new.data[name] for name in new.data if name != "note"}
    assert after.key.startswith("erased:")
    for name in ("kind", "buyer_id", "account_id", "occurred_at", "recorded_at"):
        assert getattr(after, name) == getattr(before, name)
    assert [one for one in invariants.audit(clock.now()) if not one.holds] == []


def through_the_door(statement):
    with transaction.atomic(), door.opened(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'x'",
        "buyer_id = NULL",
        "account_id = account_id + 1",
        "occurred_at = now()",
        'data = data || \'{"amount": "99"}\'',
        "key = 'another'",
        "source = 'x'",
    ],
)
def test_through_the_door_nothing_is_rewritten(event, change):
    with pytest.raises(IntegrityError, match="append-only"):
        through_the_door(f"UPDATE journal_event SET {change}")


@pytest.mark.parametrize(
    "change",
    ["wording = 'Yes, more'", "state = 'objected', wording = ''", "buyer_id = 0"],
)
def test_nor_is_what_somebody_chose(person, change):
    with pytest.raises(IntegrityError, match="Consent is history"):
        through_the_door(f"UPDATE consent_choice SET {change}")


def test_behind_the_deed_the_door_is_closed(person, event):
    forget(person)

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute("UPDATE journal_event SET data = '{}'")


def test_the_door_opens_in_a_transaction_only(transactional_db):
    with pytest.raises(RuntimeError), door.opened():
        pass


# -- Files ---------------------------------------------------------------------------


def test_files_that_name_her_go_and_others_stay(person):
    named = upload("Zoraida", person.email)
    other = upload("Pedro", "pedro@molinos.example", "other.csv")
    CustomerImport.objects.update(created_at=AT)

    act = forget(person)
    assert files.count(act) == 2
    assert finish() == [True]

    assert not ImportPart.objects.filter(batch=named).exists()
    assert ImportPart.objects.filter(batch=other).exists()
    named.refresh_from_db()
    assert (named.state, named.samples) == ("cancelled", [])
    act.refresh_from_db()
    assert (act.files_gone, act.looked_for) == (1, [])


def test_a_name_within_a_name_is_not_hers(person):
    Buyer.objects.filter(pk=person.pk).update(first_name="Ana", last_name="Li")
    person.refresh_from_db()
    other = upload("Diana Lima", "diana@molinos.example")
    CustomerImport.objects.update(created_at=AT)

    forget(person)
    finish()

    assert ImportPart.objects.filter(batch=other).exists()


def test_a_file_that_is_being_worked_on_is_waited_for(person):
    batch = upload("Zoraida", person.email)
    CustomerImport.objects.update(created_at=AT)
    state = "uploaded"
    CustomerImport.objects.filter(pk=batch.pk).update(
        state="applying", legal_basis="none"
    )

    act = forget(person)
    assert finish() == [False]
    assert files.count(act) == 1

    CustomerImport.objects.filter(pk=batch.pk).update(state=state)
    assert finish() == [True]
    assert not ImportPart.objects.exists()


def test_a_file_that_comes_later_is_somebodys_new_decision(person):
    forget(person)
    later = upload("Zoraida", "zoraida.quintanilla@molinos.example")

    finish()

    assert ImportPart.objects.filter(batch=later).exists()


def test_the_audit_finds_what_was_left(person):
    act = forget(person)
    finish()
    assert holds()
    assert holds("I11")

    Permission.objects.create(buyer=person, allowed=True, chosen=False, since=AT)
    long_ago = AT - timedelta(days=1)
    PrivacyAct.objects.filter(pk=act.pk).update(finished_at=None, at=long_ago)

    assert not holds()
    assert not holds("I11")


# -- Pages ---------------------------------------------------------------------------


def test_the_page_says_what_will_happen_before_it_does(client, person, manager):
    client.force_login(manager)

    page = client.get(address(person)).content.decode()

    for said in ("Erase for good", "Consent history", person.email, "This stays"):
        assert said in page
    person.refresh_from_db()
    assert person.erased_at is None


def test_it_is_typed_once_more(client, person, manager):
    client.force_login(manager)
    erase_ = address(person, "erase")

    for wrong in ({"confirmation": "somebody@else.example"}, {"reason": ""}):
        page = client.post(erase_, posted(person, **wrong))
        assert page.status_code == 200
        assert "Nothing was erased" in page.content.decode()
    person.refresh_from_db()
    assert person.erased_at is None

    done = client.post(erase_, posted(person), follow=True)
    assert "Erased on" in done.content.decode()
    assert "looked for once more" in done.content.decode()
    assert person.email not in done.content.decode()
    finish()
    shown = client.get(address(person)).content.decode()
    assert "Nothing in the system says any more" in shown


@pytest.mark.django_db(transaction=True)
def test_while_an_import_holds_the_company_it_says_so(
    client, person, manager, monkeypatch
):
    monkeypatch.setattr("accounts.consent.privacy.erase.PATIENCE", "10ms")
    client.force_login(manager)
    held, done = Signal(), Signal()

    def hold():
        with transaction.atomic():
            Account.objects.select_for_update().get(pk=person.account_id)
            held.set()
            done.wait(30)
        connection.close()

    importer = Thread(target=hold)
    importer.start()
    held.wait(30)
    page = client.post(address(person, "erase"), posted(person))
    done.set()
    importer.join()

    assert "Try again in a minute" in page.content.decode()
    assert Buyer.objects.get(pk=person.pk).erased_at is None
    client.post(address(person, "erase"), posted(person))
    assert Buyer.objects.get(pk=person.pk).erased_at


def test_erased_already_the_page_says_so(client, person, manager):
    client.force_login(manager)
    client.post(address(person, "erase"), posted(person))

    again = client.post(address(person, "erase"), posted(person), follow=True)

    page = again.content.decode()
    assert f"Erased person {person.pk}" in page
    assert str(manager) in page
    assert PrivacyAct.objects.count() == 1


def test_who_was_erased_is_found_by_her_address_and_nothing_else(
    client, person, manager
):
    email = person.email
    forget(person)
    client.force_login(manager)

    page = client.post("/admin/consent/privacyact/find/", {"address": email})

    assert "was erased on" in page.content.decode()
    assert "Commercial messages (Erased)" in page.content.decode()


def test_the_buyers_page_shows_and_changes_nothing(client, person, manager):
    forget(person)
    client.force_login(manager)

    page = client.get(f"/admin/customers/buyer/{person.pk}/change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    account = client.get(f"/admin/customers/account/{person.account_id}/change/")
    assert account.status_code == 200
    listing = client.get("/admin/customers/buyer/")
    assert f"Erased person {person.pk}" in listing.content.decode()
    assert client.get("/admin/consent/privacyact/").status_code == 200


@pytest.mark.parametrize(
    "role", [Role.MARKETING_EDITOR, Role.ANALYST, Role.TRAINER, Role.SALES_REP]
)
def test_who_may_not_erase_cannot(client, person, role):
    client.force_login(UserFactory(role=role))

    response = client.post(address(person, "erase"), posted(person))

    assert response.status_code in {302, 403}
    person.refresh_from_db()
    assert person.erased_at is None


def test_nothing_is_erased_by_looking(client, person, manager):
    client.force_login(manager)

    assert client.get(address(person, "erase")).status_code == 405


def test_who_reads_the_same_mailbox_elsewhere_keeps_everything(quiet):  # noqa: F811
    importing = Importing()
    lines = "Customer No;Company;First name;E-mail\n"
    lines += "C1;Molinos SL;Zoraida;desk@shared.example\n"
    lines += "C2;Molinos Dos SL;Perpetua;desk@shared.example\n"
    importing.apply(lines)
    importing.check(lines.replace("Perpetua", "Petra"), "again.csv")
    hers, other = Buyer.objects.order_by("account__number_key")

    forget(hers, leave_alone=False)
    finish()

    other.refresh_from_db()
    assert (other.first_name, other.email) == ("Perpetua", "desk@shared.example")
    change = ImportChange.objects.get(model="buyer", object_id=other.pk)
    assert change.after["first_name"] == "Perpetua"
    assert ImportChange.objects.get(model="buyer", object_id=hers.pk).after == {}
    staged = StagedBuyer.objects.exclude(first_name=None)
    assert [row.first_name for row in staged] == ["Petra"]
