"""What a file changes, and what it never touches."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.consent.models import Permission, Suppression
from accounts.customers import (
    addresses,
    clock,
    eligibility,
    lifecycle,
    numbers,
    signals,
    upserts,
)
from accounts.customers.importing import apply
from accounts.customers.models import (
    Account,
    AccountFact,
    Buyer,
    ImportChange,
    StagedAccount,
    StagedBuyer,
)
from accounts.customers.upserts import Item
from tests.factories import (
    AccountFactory,
    BuyerFactory,
    PermissionFactory,
    UserFactory,
)
from tests.races import at_once

from .conftest import NOON, Importing, csv, everything, fresh, issues, refused


def one_account(**values):
    return AccountFactory(number="1", name="Acme", **values)


def test_columns_that_are_not_there_change_nothing(importing):
    account = one_account(city="Vigo", segment="Retail")
    BuyerFactory(account=account, email="ana@acme.example", phone="1")
    before = everything()
    done = importing.apply(csv("number|name", "1|Acme"))
    assert everything() == before
    assert done.counts["accounts_same"] == 1


def test_empty_cells_wipe_nothing(importing):
    account = one_account(city="Vigo", annual_value="5.00")
    BuyerFactory(account=account, email="ana@acme.example", phone="1")
    before = everything()
    importing.apply(
        csv("number|name|city|sales|email|phone", "1|||  ||", "1||||ana@acme.example|")
    )
    assert everything() == before


def test_the_dry_run_writes_to_no_customer(importing):
    one_account()
    before = everything()
    batch = importing.check(csv("number|name|email", "1|New|a@x.es", "2|Two|b@x.es"))
    assert everything() == before
    assert batch.counts["accounts_change"] == 1
    assert batch.counts["buyers_create"] == 2
    assert not ImportChange.objects.exists()
    assert not AccountFact.objects.exists()


def test_what_changed_since_the_check_is_compared_anew(importing):
    account = one_account(city="Vigo")
    batch = importing.check(csv("number|city", "1|Lugo"))
    Account.objects.filter(pk=account.pk).update(city="Lugo")
    done = importing.apply_checked(batch)
    assert done.counts["accounts_change"] == 0
    assert not ImportChange.objects.exists()


def test_several_lines_of_one_account_are_several_buyers(importing):
    done = importing.apply(
        csv("number|name|email", "1|Acme|a@x.es", "1|ACME|b@x.es", "1||c@x.es")
    )
    assert done.counts["accounts_create"] == 1
    assert Buyer.objects.count() == 3
    assert issues(done) == [], "another case is no contradiction"


def test_a_later_line_fills_in_what_the_first_left_open(importing):
    importing.apply(csv("number|name|city|segment", "1|Acme||", "1||Vigo|Retail"))
    account = Account.objects.get()
    assert (account.city, account.segment) == ("Vigo", "Retail")


def test_a_later_line_that_contradicts_is_refused_and_its_buyer_taken(importing):
    done = importing.apply(
        csv("number|name|city|email", "1|Acme|Vigo|a@x.es", "1|Acme|Lugo|b@x.es")
    )
    assert refused(done) == [(3, "account_contradicts")]
    assert Account.objects.get().city == "Vigo"
    assert Buyer.objects.count() == 2


def test_the_first_of_two_entries_for_a_buyer_counts(importing):
    done = importing.apply(
        csv(
            "number|name|email|first name",
            "1|Acme|a@x.es|Ana",
            "1|Acme|A@x.es|Bea",
        )
    )
    assert issues(done) == [(3, "buyer_repeated")]
    assert Buyer.objects.get().first_name == "Ana"


def test_a_bad_address_refuses_the_buyer_and_takes_the_account(importing):
    done = importing.apply(csv("number|name|email|first name", "1|Acme|a at x|Ana"))
    assert refused(done) == [(2, "address_no_at")]
    assert Account.objects.count() == 1
    assert not Buyer.objects.exists()


def test_lines_that_cannot_be_taken_at_all(importing):
    done = importing.apply(
        csv(
            "number|name|may order online",
            "|Nobody|yes",
            "2||yes",
            "3|Odd|maybe",
            "4|Good|yes",
            "5|Wide|yes|more",
        )
    )
    assert sorted(refused(done)) == [
        (2, "number_missing"),
        (3, "name_missing"),
        (4, "not_yes_or_no"),
        (6, "too_many_cells"),
    ]
    assert [account.number for account in Account.objects.all()] == ["4"]
    assert done.counts["refused"] == 4


def test_values_that_cannot_be_read_are_left_out_with_a_remark(importing):
    done = importing.apply(
        csv(
            "number|name|country|since|sales|time zone",
            "1|Acme|European Community|soon|lots|Mars/Base",
        )
    )
    assert {code for _line, code in issues(done, "remark")} == {
        "country_unknown",
        "not_a_date",
        "not_a_number",
        "zone_unknown",
    }
    account = Account.objects.get()
    assert (account.country, account.annual_value) == ("", None)
    assert account.time_zone == "Europe/Madrid"


def test_a_block_bars_and_its_absence_admits(importing):
    importing.apply(csv("number|name|blocked", "1|Acme|Todos"))
    assert Account.objects.get().eligible is False
    importing.apply(csv("number|name|reason", "1|Acme|credit hold"))
    assert Account.objects.get().ineligible_reason == "credit hold"
    importing.apply(csv("number|name|blocked", "1|Acme|"))
    account = Account.objects.get()
    assert (account.eligible, account.ineligible_reason) == (True, "")
    facts = AccountFact.objects.order_by("id").values_list("value", "reason")
    assert list(facts) == [("no", ""), ("no", "credit hold")]


def test_an_empty_block_says_nothing_where_the_option_is_off(importing):
    one_account(eligible=False, ineligible_reason="fraud")
    importing.apply(csv("number|name|blocked", "1|Acme|"), empty_is_free=False)
    assert Account.objects.get().eligible is False


def test_a_company_that_moves_keeps_the_hours_of_its_new_country(importing):
    one_account(country="ES")
    importing.apply(csv("number|country", "1|Mexico"))
    assert Account.objects.get().time_zone == "America/Mexico_City"


def test_an_id_finds_the_buyer_whose_address_changed(importing):
    account = one_account()
    buyer = BuyerFactory(account=account, external_id="u1", email="old@x.es")
    importing.apply(csv("number|buyer id|email", "1|u1|new@x.es"))
    buyer.refresh_from_db()
    assert buyer.email == "new@x.es"
    assert bytes(buyer.address_hash) == addresses.hash_of("new@x.es")


def test_an_id_alone_makes_a_buyer_for_letters(importing):
    importing.apply(csv("number|name|buyer id|first name|email", "1|Acme|u1|Ana|"))
    buyer = Buyer.objects.get()
    assert (buyer.external_id, buyer.email, buyer.first_name) == ("u1", "", "Ana")


def test_an_id_of_one_and_the_address_of_another_is_refused(importing):
    account = one_account()
    BuyerFactory(account=account, external_id="u1", email="a@x.es")
    BuyerFactory(account=account, external_id="u2", email="b@x.es")
    before = everything()
    done = importing.apply(csv("number|buyer id|email", "1|u1|b@x.es"))
    assert refused(done) == [(2, "buyer_of_two")]
    assert everything() == before


def test_a_guessed_name_does_not_undo_a_known_one(importing):
    account = one_account()
    BuyerFactory(
        account=account, email="a@x.es", first_name="María Ángeles", last_name="Ruiz"
    )
    importing.apply(csv("number|contact|email", "1|María Ángeles Ruiz|a@x.es"))
    assert Buyer.objects.get().first_name == "María Ángeles"
    importing.apply(csv("number|contact|email", "1|Bea Sol|a@x.es"))
    assert Buyer.objects.get().full_name == "Bea Sol"


def test_buyers_get_the_language_of_their_account_or_country(importing):
    importing.apply(
        csv(
            "number|name|country|spras|email",
            "1|A|MX||a@x.es",
            "2|B|IE||b@x.es",
            "3|C|IE|S|c@x.es",
            "4|D|||d@x.es",
        )
    )
    found = dict(Buyer.objects.values_list("email", "language"))
    assert found == {"a@x.es": "es", "b@x.es": "en", "c@x.es": "es", "d@x.es": "en"}


# -- Consent ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "allowed"),
    [
        (lifecycle.Declared("existing_customer"), True),
        (lifecycle.Declared("consent", "fair", date(2026, 3, 1)), True),
        (lifecycle.Declared("none"), False),
    ],
)
def test_the_declared_basis_permits_or_not(importing, declared, allowed):
    importing.declared = declared
    importing.apply(csv("number|name|email", "1|Acme|a@x.es"))
    assert Permission.objects.get().allowed is allowed


def test_an_import_never_changes_what_a_buyer_chose(importing):
    buyer = BuyerFactory(account=one_account(), email="a@x.es")
    PermissionFactory(buyer=buyer, allowed=False, chosen=True)
    importing.apply(csv("number|name|email", "1|Acme|a@x.es"))
    assert Permission.objects.get().allowed is False


def test_an_import_never_lifts_a_suppression_or_widens_a_basis(importing):
    buyer = BuyerFactory(account=one_account(), email="a@x.es")
    PermissionFactory(buyer=buyer, allowed=False, basis="none")
    Suppression.objects.create(
        address_hash=addresses.hash_of("a@x.es"),
        scope="marketing",
        reason="unsubscribed",
    )
    importing.apply(csv("number|name|email|phone", "1|Acme|a@x.es|5"))
    assert Permission.objects.get().allowed is False
    assert Suppression.objects.get().lifted_at is None


def test_a_new_buyer_with_a_suppressed_address_stays_suppressed(importing):
    hashed = addresses.hash_of("gone@x.es")
    Suppression.objects.create(address_hash=hashed, scope="all", reason="erased")
    importing.apply(csv("number|name|email", "1|Acme|Gone@x.es"))
    assert bytes(Buyer.objects.get().address_hash) == hashed


def test_others_hear_of_it_while_the_lines_still_lie_there(importing):
    heard = []

    def listen(sender, batch, at, **kwargs):
        staged = StagedBuyer.objects.filter(stage=batch.stage)
        heard.append((batch.pk, staged.exclude(buyer_id=None).count()))

    signals.import_applied.connect(listen)
    try:
        done = importing.apply(csv("number|name|email", "1|A|a@x.es", "2|B|b@x.es"))
    finally:
        signals.import_applied.disconnect(listen)
    assert heard == [(done.pk, 2)]
    assert not StagedBuyer.objects.exists()
    assert not StagedAccount.objects.exists()


# -- How it is done --------------------------------------------------------------------


def lines(count):
    return csv(
        "number|name|blocked|email",
        *(f"{n}|Company {n}|{'X' if n % 3 else ''}|b{n}@x.es" for n in range(count)),
    )


def test_statements_depend_on_spans_not_on_lines(importing, monkeypatch):
    """Applying ten or four hundred customers takes the same statements."""

    def statements(count):
        batch = importing.check(lines(count))
        lifecycle.ask_apply(batch)
        with CaptureQueriesContext(
            connection,
        ) as taken:
            lifecycle.run(batch.pk, clock.now)
        assert fresh(batch).state == "applied"
        return len(taken)

    few, many = statements(10), statements(400)
    assert many == few
    assert many <= 40
    monkeypatch.setattr(apply, "SPAN", 100)
    assert statements(401) <= many + 4 * 16


def test_spans_are_taken_in_order_and_cover_everything(importing, monkeypatch):
    monkeypatch.setattr(apply, "SPAN", 7)
    done = importing.apply(lines(100))
    assert done.counts["accounts_create"] == 100
    assert Account.objects.count() == Buyer.objects.count() == 100
    assert importing.apply(lines(100) + "x;X;;\n").counts["accounts_create"] == 1


def test_lines_lost_with_the_database_are_read_again(importing):
    """Unlogged tables are emptied by a crash; the file is still there."""
    batch = importing.check(lines(5))
    StagedAccount.objects.all().delete()
    StagedBuyer.objects.all().delete()
    done = importing.apply_checked(batch)
    assert done.counts["accounts_create"] == 5
    assert Buyer.objects.count() == 5


def test_beats_come_between_chunks(quiet, importing, monkeypatch):
    monkeypatch.setattr(apply, "SPAN", 10)
    importing.apply(lines(35))
    assert quiet.beats == [0, 35, 0, 8, 17, 26, 35]


def test_reps_are_matched_or_counted(importing):
    rep = UserFactory(rep_code="MRobles")
    done = importing.apply(
        csv("number|name|sales rep", "1|A|MROBLES", "2|B|nobody", "3|C|nobody")
    )
    assert Account.objects.get(number="1").rep == rep
    assert done.counts["reps_unmatched"] == [["nobody", 2]]


def test_a_rep_given_by_hand_is_not_taken_away(importing):
    rep = UserFactory()
    one_account(rep=rep)
    importing.apply(csv("number|sales rep", "1|nobody"))
    assert Account.objects.get().rep == rep
    assert Account.objects.get().rep_code == "nobody"


# -- At the same time ------------------------------------------------------------------


def test_a_file_and_the_api_on_the_same_accounts_do_not_deadlock(transactional_db):
    real = Importing()
    batch = real.check(lines(300))
    lifecycle.ask_apply(batch)
    items = [
        Item(
            numbers.key_of(str(n)),
            {"number": str(n), "name": f"Company {n}", "city": "Vigo"},
            [{"external_id": f"u{n}"}],
        )
        for n in reversed(range(300))
    ]
    each = iter(
        [
            lambda: lifecycle.run(batch.pk, clock.now),
            lambda: upserts.upsert(items, NOON, "api:erp"),
            lambda: upserts.upsert(items[::-1], NOON, "api:erp"),
        ]
    )

    def one_of_them():
        next(each)()

    at_once(one_of_them, 3)
    assert fresh(batch).state == "applied"
    assert Account.objects.count() == 300
    assert Account.objects.filter(city="Vigo").count() == 300
    assert Buyer.objects.count() == 600
    assert AccountFact.objects.filter(valid_until=None).count() == 200


def test_dates_turn_eligibility_when_their_day_comes(importing, db):
    today = NOON.date()
    one_account(ineligible_from=today + timedelta(days=1), ineligible_reason="audit")
    assert eligibility.turn(NOON) == 0
    assert eligibility.turn(NOON + timedelta(days=1)) == 1
    account = Account.objects.get()
    assert account.eligible is False
    account.ineligible_until = today + timedelta(days=2)
    account.save()
    assert eligibility.turn(NOON + timedelta(days=2)) == 0
    assert eligibility.turn(NOON + timedelta(days=3)) == 1
    assert Account.objects.get().eligible is True
    assert AccountFact.objects.get().reason == "audit"
