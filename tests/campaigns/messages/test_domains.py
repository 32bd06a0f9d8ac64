"""Senders' domains, asked of a name server of our own, and told to people."""

from base64 import b64encode
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.journal import clock
from accounts.staff.models import Role
from campaigns.messages import domains
from campaigns.messages.domains import findings, lookup, senders
from campaigns.messages.domains.findings import Finding
from campaigns.messages.models import Brand, SenderDomain
from tests.factories import UserFactory
from tests.support import dns_server

OURS = "distributor.example"
KEY_2048, KEY_1024 = (b64encode(b"k" * n).decode() for n in (294, 162))


@pytest.fixture
def dns(settings):
    with dns_server.running() as zone:
        settings.DNS_SERVERS, settings.DNS_PORT = ["127.0.0.1"], zone.port
        settings.SITE_URL = "https://onboarding.distributor.example"
        yield zone


@pytest.fixture
def well_kept(dns):
    """A domain with everything in order for Brevo."""
    dns.add(OURS, "TXT", '"v=spf1 include:spf.brevo.com ~all"', '"something else"')
    dns.add("spf.brevo.com", "TXT", '"v=spf1 ip4:192.0.2.0/24 -all"')
    dns.add(
        f"brevo1._domainkey.{OURS}",
        "TXT",
        f'"v=DKIM1; k=rsa; p={KEY_2048[:200]}" "{KEY_2048[200:]}"',
    )
    dns.add(f"_dmarc.{OURS}", "TXT", f'"v=DMARC1; p=reject; rua=mailto:d@{OURS}"')
    dns.add(OURS, "MX", "10 mx.distributor.example.")
    dns.add("onboarding.distributor.example", "A", "192.0.2.7")
    return dns


def check(**options):
    return domains.check(OURS, **{"provider": "brevo", **options})


def codes(**options):
    return {one.subject: one.code for one in check(**options)}


def replace(zone, name, kind, *texts):
    zone.records.pop((name, kind), None)
    if texts:
        zone.add(name, kind, *texts)


def test_a_well_kept_domain_is_in_order(well_kept):
    found = check()
    assert {one.level for one in found} == {"good"}
    assert {one.subject for one in found} == {"spf", "dkim", "dmarc", "mx", "one_click"}


def test_a_domain_with_nothing_says_what_to_add(dns):
    dns.add("onboarding.distributor.example", "A", "192.0.2.7")
    found = {one.subject: one for one in check()}
    assert found["spf"].code == "spf_missing"
    assert "v=spf1 include:spf.brevo.com ~all" in found["spf"].to_do
    assert found["dkim"].code == "dkim_not_found"
    assert "_domainkey" in found["dkim"].to_do
    assert f"_dmarc.{OURS}: v=DMARC1; p=none" in found["dmarc"].to_do
    assert found["mx"].code == "mx_missing"


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ('"v=spf1 include:spf.brevo.com +all"', "spf_everybody"),
        ('"v=spf1 include:spf.brevo.com all"', "spf_everybody"),
        ('"v=spf1 include:spf.brevo.com"', "spf_open_end"),
        ('"v=spf1 include:spf.brevo.com ?all"', "spf_open_end"),
        ('"v=spf1 mx ~all"', "spf_no_provider"),
        ('"v=spf1 redirect=spf.brevo.com"', "spf_good"),
        ('"V=SPF1 INCLUDE:SPF.BREVO.COM -ALL"', "spf_good"),
        ('"v=spf10 ~all"', "spf_missing"),
    ],
)
def test_spf(well_kept, record, code):
    replace(well_kept, OURS, "TXT", record)
    assert codes()["spf"] == code


def test_two_spf_records_are_none(well_kept):
    well_kept.add(OURS, "TXT", '"v=spf1 -all"')
    assert codes()["spf"] == "spf_several"


def test_an_spf_record_that_asks_too_much(well_kept):
    chain = " ".join(f"include:s{n}.example" for n in range(6))
    replace(well_kept, OURS, "TXT", f'"v=spf1 include:spf.brevo.com {chain} ~all"')
    for n in range(6):
        well_kept.add(f"s{n}.example", "TXT", '"v=spf1 a mx ~all"')
    assert codes()["spf"] == "spf_too_long"


def test_an_spf_record_that_includes_itself_comes_to_an_end(well_kept):
    replace(
        well_kept, OURS, "TXT", f'"v=spf1 include:spf.brevo.com include:{OURS} ~all"'
    )
    assert codes()["spf"] == "spf_good"


@pytest.mark.parametrize(
    ("record", "level", "code"),
    [
        (f'"v=DKIM1; p={KEY_1024}"', "warn", "dkim_weak"),
        ('"v=DKIM1; p="', "bad", "dkim_revoked"),
        ('"k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="', "good", None),
        ('"v=DKIM1; k=rsa"', "bad", "dkim_not_found"),
    ],
)
def test_dkim(well_kept, record, level, code):
    replace(well_kept, f"brevo1._domainkey.{OURS}", "TXT", record)
    found = next(one for one in check() if one.subject == "dkim")
    assert (found.level, found.code) == (level, code or "dkim_good")


def test_a_selector_that_a_person_gives_is_the_one_that_counts(well_kept):
    assert codes(selectors=["pm2026"])["dkim"] == "dkim_not_found"
    well_kept.add(f"pm2026._domainkey.{OURS}", "TXT", f'"p={KEY_1024}"')
    assert codes(selectors=["pm2026"])["dkim"] == "dkim_weak"


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ('"v=DMARC1; p=none; rua=mailto:d@x.example"', "dmarc_none"),
        ('"v=DMARC1; p=quarantine"', "dmarc_no_reports"),
        ('"v=DMARC1; p=perhaps"', "dmarc_broken"),
        ('"v=DMARC2; p=none"', "dmarc_missing"),
    ],
)
def test_dmarc(well_kept, record, code):
    replace(well_kept, f"_dmarc.{OURS}", "TXT", record)
    assert codes()["dmarc"] == code


def test_a_subdomain_has_the_policy_of_the_one_above(well_kept):
    replace(
        well_kept,
        f"_dmarc.{OURS}",
        "TXT",
        '"v=DMARC1; p=reject; sp=none; rua=mailto:d@x.example"',
    )
    found = domains.check(f"news.{OURS}", provider="brevo")
    assert "dmarc_none" in [one.code for one in found]


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ({"MX": ["0 ."]}, "mx_missing"),
        ({"A": ["192.0.2.1"]}, "mx_only_address"),
    ],
)
def test_mx(well_kept, records, code):
    replace(well_kept, OURS, "MX")
    for kind, texts in records.items():
        well_kept.add(OURS, kind, *texts)
    assert codes()["mx"] == code


def test_one_click_wants_https_and_a_name_that_exists(well_kept, settings):
    settings.SITE_URL = "https://nowhere.example"
    assert codes()["one_click"] == "one_click_no_host"
    settings.SITE_URL = "http://onboarding.distributor.example"
    assert codes()["one_click"] == "one_click_no_https"


def test_a_silent_server_is_no_proof_of_anything(well_kept, monkeypatch):
    monkeypatch.setattr(lookup, "_EACH_SECONDS", 0.05)
    well_kept.silent.add("*")
    assert {one.level for one in check()} == {"unknown"}


def test_nobody_waits_longer_than_seconds(well_kept):
    ticks = iter([0.0, 0.1, 13.0, 13.1, 13.2])
    asking = lookup.Lookup(clock=lambda: next(ticks))
    asking.texts(OURS)
    asking.texts(OURS)
    with pytest.raises(lookup.Unanswered):
        asking.texts(OURS)


# -- What people read ----------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_code_has_its_sentence_and_every_fault_its_remedy(language):
    facts = dict.fromkeys(
        (
            *("domain", "record", "number", "include", "selector", "selectors"),
            *("bits", "name", "policy", "hosts", "host"),
        ),
        "x",
    )
    with translation.override(language):
        for code in findings.SAID:
            level = "good" if code.endswith("_good") else "bad"
            one = Finding("spf", level, code, facts)
            assert one.said
            assert "%(" not in one.said + one.to_do
            assert one.to_do or level == "good" or code == "dmarc_good"


def test_what_was_found_is_kept_as_facts(well_kept):
    for one in check():
        assert Finding.of(one.as_dict()) == one


# -- The page ------------------------------------------------------------------------

PAGE = "admin:campaign_messages_senderdomain_changelist"
CHECK = "admin:campaign_messages_senderdomain_check"


@pytest.fixture
def brand(db):
    return Brand.objects.create(
        name="Distributor",
        sender_name="Distributor",
        sender_email=f"hello@{OURS}",
        postal_address="1 Example Street",
    )


@pytest.fixture
def log_in(client):
    def log_in(role):
        user = UserFactory(role=role)
        client.force_login(
            user, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        client.user = user
        return client

    return log_in


def test_the_page_shows_and_asks_nobody(log_in, brand, dns):
    client = log_in(Role.MARKETING_EDITOR)
    text = client.get(reverse(PAGE)).content.decode()
    assert OURS in text
    assert "not checked yet" in text
    assert not dns.asked
    assert not SenderDomain.objects.exists()


def test_a_check_is_kept_with_name_and_selectors(log_in, brand, well_kept):
    client = log_in(Role.MARKETING_MANAGER)
    typed = {"domain": OURS, "selectors": "Brevo1._domainkey.distributor.example"}
    for _twice in range(2):
        said = client.post(reverse(CHECK), typed, follow=True).content.decode()
    assert "in order" in said or "is in order" in said
    row = SenderDomain.objects.get()
    assert (row.checked_by, row.selectors) == (client.user, ["brevo1"])
    SenderDomain.objects.update(checked_at=clock.now() - timedelta(days=40))
    assert "check again" in client.get(reverse(PAGE)).content.decode()


def test_only_our_own_domains_are_asked_about(log_in, brand, dns):
    client = log_in(Role.MARKETING_MANAGER)
    typed = {"domain": "victim.example", "selectors": ""}
    said = client.post(reverse(CHECK), typed, follow=True).content.decode()
    assert "No brand writes from that domain." in said
    assert not dns.asked


@pytest.mark.parametrize("typed", ["brevo1;rm -rf /", "a" * 80, "a b c d e f g", "ñ"])
def test_a_selector_that_is_none_is_refused(log_in, brand, dns, typed):
    client = log_in(Role.MARKETING_MANAGER)
    answer = client.post(
        reverse(CHECK), {"domain": OURS, "selectors": typed}, follow=True
    )
    assert "A selector is one word" in answer.content.decode()
    assert not dns.asked


def test_without_a_brand_the_page_says_where_to_begin(log_in, db):
    text = log_in(Role.MARKETING_MANAGER).get(reverse(PAGE)).content.decode()
    assert "Say who writes" in text


@pytest.mark.parametrize("role", [Role.ANALYST, Role.SALES_REP])
def test_it_is_closed_to_others(log_in, brand, dns, role):
    client = log_in(role)
    assert client.get(reverse(PAGE)).status_code in {302, 403}
    assert client.post(reverse(CHECK), {"domain": OURS}).status_code in {302, 403}
    assert not dns.asked


def test_an_international_domain_is_asked_for_as_dns_knows_it():
    assert senders.domain_of("hola@bücher.example") == "xn--bcher-kva.example"
