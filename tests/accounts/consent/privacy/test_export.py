"""Everything held about a person, handed out to her."""

import io
import json
import zipfile
from decimal import Decimal

import pytest
from django.utils import translation

from accounts.consent.models import PrivacyAct
from accounts.consent.privacy import export
from accounts.consent.privacy.people import known
from accounts.customers import uploads
from accounts.customers.models import Account
from accounts.staff.models import Role
from tests.factories import BuyerFactory, UserFactory

from .conftest import AT


def address(buyer, deed=""):
    return f"/admin/consent/privacyact/of/{buyer.pk}/{deed}"


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_the_file_tells_programs_and_people_the_same(person, manager):
    files = unpacked(export.hand_out(person, "request", manager, AT))

    told = json.loads(files["data.json"])["data"]
    assert told["customers.buyer"][0]["email"] == person.email
    assert told["consent.choice"][0]["wording"] == "Yes, write to Zoraida"
    for said in (person.email, person.phone, "WEB-90210", "Yes, write to Zoraida"):
        assert said in files["data.html"]


def test_people_read_only_what_has_a_name_in_their_language(person, manager):
    with translation.override("es"):
        files = unpacked(export.hand_out(person, "request", manager, AT))

    assert "<th>Nombre</th>" in files["data.html"]
    assert "mail key" not in files["data.html"]
    assert json.loads(files["data.json"])["data"]["customers.buyer"][0]["email_key"]


def test_nothing_of_a_colleague_is_in_it(person, manager):
    colleague = BuyerFactory(account=person.account, first_name="Perpetua")

    files = unpacked(export.hand_out(person, "request", manager, AT))

    assert not any("Perpetua" in text for text in files.values())
    assert not any(colleague.email in text for text in files.values())


def test_which_company_she_buys_for_is_in_it_and_not_what_we_think_of_it(
    person, manager
):
    rep = UserFactory(name="Eduvigis Rep")
    Account.objects.update(
        segment="Goldmine",
        is_key=True,
        annual_value=Decimal("765432.10"),
        rep=rep,
        rep_code="rep-eduvigis",
        eligible=False,
        ineligible_reason="Pays never",
        ineligible_from=AT,
        ineligible_until=AT,
        city="Sevilla",
    )

    files = unpacked(export.hand_out(person, "request", manager, AT))

    (told,) = json.loads(files["data.json"])["data"]["customers.account"]
    assert told == {
        "id": person.account_id,
        "number": "C777",
        "number_key": "c777",
        "name": "Molinos SL",
        "city": "Sevilla",
        "country": person.account.country,
        "language": person.account.language,
        "customer_since": None,
        "time_zone": person.account.time_zone,
        "created_at": told["created_at"],
        "updated_at": told["updated_at"],
    }
    for secret in ("Goldmine", "765", "duvigis", "Pays never", "ey account"):
        assert secret not in files["data.html"]


def test_that_it_was_handed_out_is_recorded_without_what_was_in_it(person, manager):
    export.hand_out(person, "request", manager, AT)

    act = PrivacyAct.objects.get()
    assert (act.act, act.buyer, act.by, act.at) == ("exported", person, manager, AT)
    assert act.counts["consent.choice"] == 1
    assert act.looked_for == []


def test_a_person_of_whom_next_to_nothing_is_held(db):
    told = export.collect(known(BuyerFactory()))

    assert {one.name for one in told} == {"customers.buyer", "customers.account"}


def test_the_page_lists_and_a_button_downloads(client, person, manager):
    client.force_login(manager)

    page = client.get(address(person)).content.decode()
    assert "Zoraida Quintanilla" in page
    assert "Consent history" in page
    assert not PrivacyAct.objects.exists()

    response = client.post(address(person, "export"))
    assert response["Content-Type"] == "application/zip"
    assert "no-store" in response["Cache-Control"]
    assert 'lang="es"' in unpacked(response.content)["data.html"]
    assert PrivacyAct.objects.count() == 1


def test_looking_at_it_by_get_hands_nothing_out(client, person, manager):
    client.force_login(manager)

    assert client.get(address(person, "export")).status_code == 405


def test_a_person_is_found_by_her_address(client, person, manager):
    client.force_login(manager)
    find = "/admin/consent/privacyact/find/"

    found = client.post(find, {"address": "zoraida.QUINTANILLA@molinos.example"})
    assert address(person) in found.content.decode()

    nobody = client.post(find, {"address": "nobody@molinos.example"})
    assert "We know no buyer by this address or id." in nobody.content.decode()


@pytest.mark.parametrize(
    "role", [Role.MARKETING_EDITOR, Role.ANALYST, Role.TRAINER, Role.SALES_REP]
)
def test_who_may_not_hand_it_out_meets_no_page(client, person, role):
    client.force_login(UserFactory(role=role))

    assert client.get(address(person)).status_code in {302, 403}
    assert client.post(address(person, "export")).status_code in {302, 403}
    listing = client.get("/admin/consent/privacyact/")
    assert listing.status_code in {302, 403}
    assert not PrivacyAct.objects.exists()
    page = client.get(f"/admin/customers/buyer/{person.pk}/change/")
    assert address(person) not in page.content.decode()


def test_the_buyers_own_page_leads_there(client, person, manager):
    client.force_login(manager)

    page = client.get(f"/admin/customers/buyer/{person.pk}/change/")

    assert address(person) in page.content.decode()


def test_nothing_of_others_in_the_same_file_is_in_it(person, manager):
    lines = "Customer No;Company;First name;E-mail\n"
    lines += f"C777;Molinos SL;Zoraida;{person.email}\n"
    lines += "C777;Molinos SL;Perpetua;perpetua@molinos.example\n"
    uploads.receive(io.BytesIO(lines.encode()), "list.csv", "customers")

    files = unpacked(export.hand_out(person, "request", manager, AT))

    assert "list.csv" in files["data.json"]
    assert not any("erpetua" in text for text in files.values())
