"""Senders' domains are asked about once a day, and what gets worse is told."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.journal import clock
from accounts.staff.models import Role
from campaigns.messages import tasks
from campaigns.messages.domains import asking, lookup, standing, watch
from campaigns.messages.models import Brand, SenderDomain

from .test_domains import (  # noqa: F401 - fixtures
    OURS,
    PAGE,
    brand,
    dns,
    log_in,
    replace,
    well_kept,
)

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sending(settings):
    """Mail leaves, through a provider."""
    settings.MAIL_TRANSPORT = "brevo"


@pytest.fixture
def kept(brand, well_kept):  # noqa: F811
    """A domain in order, as of AT."""
    watch.watch(AT)
    assert standing.faults() == []
    return well_kept


@contextmanager
def silence(server, monkeypatch):
    """Nobody answers, and only then nobody waits for long."""
    with monkeypatch.context() as patch:
        patch.setattr(lookup, "_EACH_SECONDS", 0.05)
        server.silent.add("*")
        yield
        server.silent.clear()


def row():
    return SenderDomain.objects.get(domain=OURS)


def make_brands(number):
    Brand.objects.bulk_create(
        Brand(name=f"B{n}", sender_name="B", sender_email=f"b@d{n:03}.example")
        for n in range(number)
    )


def test_a_domain_is_asked_about_once_a_day(kept):
    asked = sum(kept.asked.values())
    assert asked > 0
    for hours in (1, 5, 23):
        assert watch.watch(AT + timedelta(hours=hours)) == 0
    assert sum(kept.asked.values()) == asked
    assert watch.watch(AT + DAY) == 1
    assert row().checked_at == AT + DAY
    assert row().checked_by is None


def test_what_gets_worse_is_told_with_its_day(kept):
    replace(kept, f"_dmarc.{OURS}", "TXT")
    watch.watch(AT + DAY)
    [fault] = standing.faults()
    assert (fault.domain, fault.titles, fault.since) == (OURS, "DMARC", AT + DAY)
    # And the day stays while it stays so.
    watch.watch(AT + 2 * DAY)
    assert standing.faults()[0].since == AT + DAY


def test_what_is_mended_is_told_no_more(kept):
    replace(kept, f"_dmarc.{OURS}", "TXT")
    watch.watch(AT + DAY)
    kept.add(f"_dmarc.{OURS}", "TXT", f'"v=DMARC1; p=none; rua=mailto:d@{OURS}"')
    watch.watch(AT + 2 * DAY)
    assert standing.faults() == []
    replace(kept, f"_dmarc.{OURS}", "TXT")
    watch.watch(AT + 3 * DAY)
    assert standing.faults()[0].since == AT + 3 * DAY


def test_a_silent_name_server_makes_nothing_wrong(kept, monkeypatch):
    with silence(kept, monkeypatch):
        watch.watch(AT + DAY)
    assert standing.faults() == []
    # It is asked again within the hour.
    assert watch.watch(AT + DAY + timedelta(hours=1)) == 1
    assert {one["level"] for one in row().findings} == {"good"}


def test_nor_does_it_mend_anything(kept, monkeypatch):
    replace(kept, f"_dmarc.{OURS}", "TXT")
    watch.watch(AT + DAY)
    with silence(kept, monkeypatch):
        for hours in range(3):
            watch.watch(AT + 2 * DAY + timedelta(hours=hours))
    [fault] = standing.faults()
    assert (fault.titles, fault.since) == ("DMARC", AT + DAY)
    codes = [one["code"] for one in row().findings]
    assert codes.count("dmarc_missing") == 1


def test_taken_for_a_fault_it_would_be_told(kept, monkeypatch):
    """The negative control: what is heard now replaces all that was known."""
    monkeypatch.setattr(standing, "merge", lambda before, now: list(now))
    replace(kept, f"_dmarc.{OURS}", "TXT")
    watch.watch(AT + DAY)
    with silence(kept, monkeypatch):
        watch.watch(AT + 2 * DAY)
    assert standing.faults() == []


def test_two_workers_ask_once(kept, monkeypatch):
    honest = asking.ask_again
    turns = []

    def ask(one, at):
        # While the first one waits for DNS the second one has its turn.
        turns.append(watch.watch(at))
        return honest(one, at)

    monkeypatch.setattr(asking, "ask_again", ask)
    assert watch.watch(AT + DAY) == 1
    assert turns == [0]


@pytest.mark.parametrize(("number", "most"), [(1, 1), (24, 2), (200, watch.MOST)])
def test_many_domains_spread_over_the_day(dns, monkeypatch, number, most):  # noqa: F811
    make_brands(number)
    monkeypatch.setattr(asking.checks, "check", lambda *args, **options: [])
    assert watch.watch(AT) == most
    turns = [watch.watch(AT + timedelta(hours=n)) for n in range(1, 24)]
    assert max(turns) <= most
    assert sum(turns) + most >= min(number, 24 * watch.MOST)


def test_nobody_asks_where_nothing_leaves(brand, dns, settings):  # noqa: F811
    settings.MAIL_TRANSPORT = "outbox"
    assert watch.watch(AT) == 0
    assert not dns.asked
    assert not SenderDomain.objects.exists()


def test_a_domain_that_nobody_writes_from_any_more_is_left_alone(kept, brand):  # noqa: F811
    Brand.objects.all().delete()
    asked = sum(kept.asked.values())
    assert watch.watch(AT + DAY) == 0
    assert sum(kept.asked.values()) == asked


def test_the_selectors_that_a_person_gave_are_asked_for(kept):
    SenderDomain.objects.update(selectors=["pm2026"])
    watch.watch(AT + DAY)
    assert kept.asked[f"pm2026._domainkey.{OURS}", "TXT"] == 1
    assert row().selectors == ["pm2026"]


def test_by_hand_it_may_be_asked_at_any_time(kept):
    asking.ask(OURS, ["brevo1"], by=None, at=AT + timedelta(hours=1))
    assert row().ask_at == AT + timedelta(hours=1) + DAY


def test_the_bell_reaches_it(brand, well_kept):  # noqa: F811
    tasks.watch_domains()
    assert clock.now() - row().checked_at < timedelta(minutes=5)


def test_faults_take_two_statements_whatever_there_is(kept):
    make_brands(40)
    with CaptureQueriesContext(connection) as asked:
        standing.faults()
    assert len(asked) == 2


def test_the_page_says_since_when(log_in, kept):  # noqa: F811
    client = log_in(Role.MARKETING_MANAGER)
    assert "So since" not in client.get(reverse(PAGE)).content.decode()
    replace(kept, f"_dmarc.{OURS}", "TXT")
    watch.watch(AT + DAY)
    text = client.get(reverse(PAGE)).content.decode()
    assert text.count("So since") == 1
    assert "once a day" in text
