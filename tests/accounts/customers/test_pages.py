"""The pages of an import, as a marketer goes through them."""

import io

import pytest
from django.urls import reverse

from accounts.customers import clock, lifecycle, tasks
from accounts.customers.models import (
    Account,
    Buyer,
    CustomerImport,
    ImportChange,
    ImportMapping,
)
from accounts.staff.models import Role
from tests.factories import AccountFactory, UserFactory

from .conftest import csv, fresh

ADD = reverse("admin:customers_customerimport_add")
LIST = csv(
    "Nº cliente|Nombre|País|Correo electrónico|Cód. vendedor|Ventas",
    "1|Ñandú S.L.|España|ana@nandu.example|jvidal|1.234,50",
    "2|<script>alert(1)</script>|EIRE|bob at bolt|klynch|",
    "|Nobody|ES|x@x.example||",
)


@pytest.fixture
def marketer(client, db):
    user = UserFactory(role=Role.MARKETING_MANAGER)
    client.force_login(user)
    return user


@pytest.fixture
def go(client, marketer, quiet, monkeypatch):
    """A browser whose worker answers at once."""
    monkeypatch.setattr(
        tasks, "ring_on_commit", lambda pk: lifecycle.run(pk, clock.now)
    )
    return client


def file(content=LIST, name="clientes.csv"):
    content = content.encode() if isinstance(content, str) else content
    found = io.BytesIO(content)
    found.name = name
    return found


def upload(client, content=LIST, name="clientes.csv", kind="customers"):
    return client.post(ADD, {"kind": kind, "file": file(content, name)})


def page_of(batch, query=""):
    return reverse("admin:customers_customerimport_change", args=[batch.pk]) + query


def matched(batch, **changes):
    """The page's form as it comes, with the person's changes."""
    by_index = {index: slug for slug, index in batch.mapping.items()}
    form = {f"column-{i}": by_index.get(i, "") for i in range(len(batch.header))}
    form |= {f"option-{slug}": value for slug, value in batch.options.items() if value}
    return {**form, "basis": "existing_customer", **changes}


def deed(batch, name):
    return reverse(f"admin:customers_customerimport_{name}", args=[batch.pk])


@pytest.fixture
def uploaded(go):
    upload(go)
    return CustomerImport.objects.get()


@pytest.fixture
def checked(go, uploaded):
    go.post(page_of(uploaded), matched(uploaded))
    return fresh(uploaded)


def test_the_columns_are_guessed_and_shown_with_their_first_values(go, uploaded):
    assert uploaded.mapping == {
        "number": 0,
        "name": 1,
        "country": 2,
        "email": 3,
        "rep_code": 4,
        "annual_value": 5,
    }
    assert uploaded.options["decimal"] == "comma"
    page = go.get(page_of(uploaded)).content.decode()
    assert "Nº cliente" in page
    assert "ana@nandu.example" in page
    assert "<script>alert" not in page


def test_checking_shows_what_would_change_and_changes_nothing(go, checked):
    assert checked.state == "checked"
    assert checked.counts["accounts_create"] == 2
    assert checked.counts["buyers_create"] == 1
    assert checked.counts["refused"] == 2
    assert checked.counts["reps_unmatched"] == [["jvidal", 1], ["klynch", 1]]
    page = go.get(page_of(checked, "?show=accounts_create")).content.decode()
    assert "Ñandú S.L." in page
    assert "&lt;script&gt;alert(1)" in page
    assert not Account.objects.exists()


def test_refused_lines_say_line_column_value_and_reason(go, checked):
    page = go.get(page_of(checked, "?show=refused")).content.decode()
    for told in (
        "bob at bolt",
        "Correo electrónico",
        "the @ is missing",
        "The customer number is missing",
        "The whole line",
    ):
        assert told in page, told


def test_refused_lines_come_as_csv_without_formulas(go):
    lines = csv("number|name|email", "=1+1|x|", "2|y|@evil")
    upload(go, lines)
    batch = CustomerImport.objects.get()
    go.post(page_of(batch), matched(batch))
    answer = go.get(deed(batch, "issues"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer["Content-Type"].startswith("text/csv")
    assert "'=1+1" in text
    assert "'@evil" in text
    assert ",=1+1" not in text


def test_applying_writes_and_tells_who_and_when(go, checked, marketer):
    go.post(deed(checked, "apply"))
    batch = fresh(checked)
    assert (batch.state, batch.applied_by) == ("applied", marketer)
    assert Account.objects.count() == 2
    page = go.get(page_of(batch)).content.decode()
    assert "Applied." in page
    assert marketer.name in page
    listed = go.get(page_of(batch, "?show=buyers_create")).content.decode()
    assert reverse("admin:customers_buyer_change", args=[Buyer.objects.get().pk]) in (
        listed
    )


def test_a_change_is_shown_field_by_field(go):
    AccountFactory(number="1", name="Nandu", country="ES", rep_code="")
    upload(go)
    batch = CustomerImport.objects.get()
    go.post(page_of(batch), matched(batch))
    page = go.get(page_of(batch, "?show=accounts_change")).content.decode()
    assert "<del>Nandu</del>" in page
    assert "<ins>Ñandú S.L.</ins>" in page
    assert "1,234.50" in page


def test_undo_asks_first_then_takes_back_and_lists_what_stayed(go, checked):
    go.post(deed(checked, "apply"))
    go.post(deed(checked, "undo"))
    assert fresh(checked).state == "applied", "nothing without the tick"
    Account.objects.filter(number="2").update(city="Cork")
    go.post(deed(checked, "undo"), {"confirm": "1"})
    batch = fresh(checked)
    assert batch.state == "undone"
    assert [a.number for a in Account.objects.all()] == ["2"]
    page = go.get(page_of(batch, "?show=stayed")).content.decode()
    assert "It has been changed since." in page


def test_columns_are_remembered_for_the_next_file_like_it(go, uploaded):
    chosen = matched(uploaded, **{"column-4": "", "column-5": "segment"})
    go.post(page_of(uploaded), chosen)
    assert ImportMapping.objects.count() == 1
    upload(go, LIST + "3|New|ES|||\n")
    second = CustomerImport.objects.first()
    assert second.mapping["segment"] == 5
    assert "rep_code" not in second.mapping


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"column-0": ""}, "Choose the column that holds: Customer number."),
        ({"column-1": "number"}, "Two columns are matched to: Customer number."),
        ({"basis": ""}, "This field is required."),
        ({"basis": "consent"}, "Consent needs its source and its date."),
        ({"column-1": "nonsense"}, "nonsense"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_checked(go, uploaded, changes, told):
    page = go.post(page_of(uploaded), matched(uploaded, **changes))
    assert told in page.content.decode()
    assert fresh(uploaded).state == "uploaded"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty."),
        (b"number;name\n", "no lines below it"),
        (b"number;number\n1;2\n", "Two columns have the same name"),
        (b"hello\nworld\n", "Only one column was found"),
        (b"a;b\n1;\0\n", "NUL bytes"),
        (b"PK\x03\x04nonsense", "no XLSX file"),
        (b"\xd0\xcf\x11\xe0old", "Old XLS files"),
        (b"\x1f\x8bgz", "compressed"),
        (b"a@b.example;2\nc@d.example;3\n", "The first line holds values"),
    ],
)
def test_files_that_are_no_lists_say_why(go, content, told):
    page = upload(go, content)
    assert page.status_code == 200
    assert told in page.content.decode()
    assert not CustomerImport.objects.exists()


def test_the_same_file_again_leads_to_the_open_one(go, uploaded):
    answer = upload(go)
    assert answer.url == page_of(uploaded)
    assert CustomerImport.objects.count() == 1


def test_the_same_file_after_it_was_applied_says_so(go, checked):
    go.post(deed(checked, "apply"))
    upload(go)
    second = CustomerImport.objects.first()
    assert second.pk != checked.pk
    assert "was applied before" in go.get(page_of(second)).content.decode()
    go.post(page_of(second), matched(second))
    page = go.get(page_of(fresh(second))).content.decode()
    assert "Everything is as the file says already." in page


def test_reading_again_needs_an_encoding(go, uploaded):
    before = fresh(uploaded).header
    assert go.post(deed(uploaded, "read_again"), {}).status_code == 302
    assert fresh(uploaded).header == before


@pytest.mark.parametrize("shown", ["%0d%0aX:y", "nothing", ""])
def test_the_name_of_the_file_is_ours(go, checked, shown):
    url = reverse("admin:customers_customerimport_issues", args=[checked.pk])
    answer = go.get(f"{url}?show={shown}")
    assert answer["Content-Disposition"].endswith('-refused.csv"')


def test_another_encoding_reads_the_header_again(go, uploaded):
    go.post(deed(uploaded, "read_again"), {"encoding": "cp1252", "separator": ";"})
    assert fresh(uploaded).header[0] == "NÂº cliente"
    go.post(deed(uploaded, "read_again"), {"encoding": "utf-8-sig", "separator": ";"})
    assert fresh(uploaded).header[0] == "Nº cliente"


def test_while_it_works_the_page_shows_how_far_it_is(client, marketer, quiet):
    upload(client)
    batch = CustomerImport.objects.get()
    client.post(page_of(batch), matched(batch))
    page = client.get(page_of(batch)).content.decode()
    assert "Waiting for a worker" in page
    assert 'data-state="checking"' in page
    answer = client.get(deed(batch, "live")).json()
    assert answer["state"] == "checking"
    client.post(deed(batch, "cancel"))
    assert fresh(batch).state == "cancelled"
    page = client.get(page_of(batch)).content.decode()
    assert "No customer was changed." in page
    assert client.get(page_of(batch, "?columns=1")).status_code == 200


def test_a_failed_check_says_line_and_reason(go, uploaded):
    good = "".join(f"{n};Company {n}\n" for n in range(30))
    broken = csv("number|name") + good + '1;"open\n' + "2;x\n" * 300
    upload(go, broken, "broken.csv")
    batch = CustomerImport.objects.first()
    go.post(page_of(batch), matched(batch))
    assert fresh(batch).state == "failed"
    page = go.get(page_of(batch)).content.decode()
    assert "Line 32" in page
    assert "quotation mark" in page


@pytest.mark.parametrize("role", [Role.SALES_REP, Role.ANALYST])
def test_reps_and_analysts_do_not_import(client, db, role):
    client.force_login(UserFactory(role=role))
    assert client.get(ADD).status_code in (302, 403)
    assert upload(client).status_code in (302, 403)
    assert not CustomerImport.objects.exists()


@pytest.mark.parametrize("name", ["apply", "undo", "cancel", "read_again"])
def test_deeds_need_a_post(go, checked, name):
    assert go.get(deed(checked, name)).status_code == 405


def test_looking_changes_nothing(go, checked, django_assert_max_num_queries):
    before = CustomerImport.objects.values().get()
    with django_assert_max_num_queries(25):
        go.get(page_of(checked, "?show=accounts_create"))
    assert CustomerImport.objects.values().get() == before
    assert not ImportChange.objects.exists()


def test_every_list_of_customers_opens(go, checked):
    go.post(deed(checked, "apply"))
    for name in ("account", "buyer", "customerimport"):
        url = reverse(f"admin:customers_{name}_changelist")
        assert go.get(url).status_code == 200
        assert go.get(url + "?q=nandu").status_code == 200
    account = Account.objects.get(number="1")
    page = go.get(reverse("admin:customers_account_change", args=[account.pk]))
    assert "ana@nandu.example" in page.content.decode()
    assert go.get(reverse("admin:customers_account_reps")).status_code == 200


def test_an_editor_prepares_an_import_that_a_manager_applies(go, client, checked):
    manager = CustomerImport.objects.get().created_by
    client.force_login(UserFactory(role=Role.MARKETING_EDITOR))
    page = client.get(page_of(checked)).content.decode()
    assert deed(checked, "apply") not in page
    assert "Marketing managers and administrators can apply it" in page
    assert client.post(deed(checked, "apply")).status_code == 403
    assert client.post(deed(checked, "undo"), {"confirm": "1"}).status_code == 403
    assert not Account.objects.exists()
    client.force_login(manager)
    client.post(deed(checked, "apply"))
    assert fresh(checked).state == "applied"
    client.force_login(UserFactory(role=Role.MARKETING_EDITOR))
    assert deed(checked, "undo") not in client.get(page_of(checked)).content.decode()
