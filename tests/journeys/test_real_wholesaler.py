"""From customers and orders of a real wholesaler to figures that are true.

Once over the real file (skipped where it is not at hand), and once, everywhere, over
a small one made up with the same oddities.
"""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.customers.models import Account, Buyer
from accounts.journal.invariants import audit
from accounts.journal.models import Event
from accounts.staff.models import Role
from campaigns.adoption.channels import mixes
from campaigns.adoption.figures import report
from campaigns.adoption.frames import Frame, Unit
from campaigns.adoption.funnel import funnel
from campaigns.sequences.models import Delivery, Enrolment
from tests.factories import UserFactory

from . import oracle, wholesaler
from .story import Story

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

REAL = pytest.param(
    wholesaler.read_real,
    id="real",
    marks=[
        pytest.mark.slow,
        pytest.mark.skipif(
            not wholesaler.FILE.exists(),
            reason="The wholesaler's file, shared/data/online-retail, is not here.",
        ),
    ],
)
MADE_UP = pytest.param(wholesaler.make_up, id="made-up")


@pytest.fixture
def marketer(db):
    return UserFactory(role=Role.MARKETING_MANAGER)


@pytest.mark.parametrize("read", [MADE_UP, REAL])
def test_from_nothing_to_true_figures(
    read, client, sink, worker, tmp_path, story_clock, marketer
):
    documents = read()
    story = Story(documents, client, sink, worker, tmp_path)
    story_clock(story)

    batch = story.import_customers(marketer)
    assert batch.state == batch.State.APPLIED, batch.error
    assert_customers_became_accounts(story)

    story.import_orders()
    before = [one for one in documents if one.day < wholesaler.BEGIN]
    assert_documents_are_in_the_journal(before)

    campaign = story.start_campaign(marketer)
    enrolled = Enrolment.objects.filter(campaign=campaign).count()
    assert enrolled
    assert not Enrolment.objects.filter(account__country="GB").exists()

    for n, (_week, its_documents) in enumerate(wholesaler.weeks(documents)):
        if n < 5:
            story.pass_days(7)
        else:
            story.skip_days(7)
        story.post_week(its_documents)
        if n == 0:
            assert_opening_changed_nothing_by_itself(story)
        if n == 5:
            barred = bar_somebody(story)

    assert_every_planned_mail_is_accounted_for(story, campaign)
    assert_documents_are_in_the_journal(documents)
    assert_figures_are_true(story)
    assert_figures_of_earlier_days_are_true(story, barred)
    assert_funnels_are_true(story, campaign)
    assert_channels_are_true(story)
    assert_files_say_the_same(story, client, campaign)
    assert [str(found) for found in audit(story.at) if not found.holds] == []


def assert_customers_became_accounts(story):
    customers = {one.customer for one in story.documents}
    assert set(Account.objects.values_list("number", flat=True)) == customers
    assert Buyer.objects.count() == len(story.people)
    unspecified = {one.customer for one in story.documents if "Unspec" in one.country}
    for account in Account.objects.filter(number__in=unspecified, country=""):
        assert account.time_zone
    assert Account.objects.filter(eligible=False).exists()
    assert Account.objects.filter(is_key=True).exists()
    # Rows are dated by the database; in the story the import was on its first day.
    Account.objects.update(created_at=story.begin)


def assert_documents_are_in_the_journal(documents):
    """Each once, however often it was told."""
    kinds = ("ordered", "credit_note")
    told = Event.objects.filter(kind__in=kinds).values_list("kind", "data__document")
    assert sorted(told) == sorted((one.kind, one.number) for one in documents)


def bar_somebody(story):
    """An invited account that has ordered online is closed; the store says so."""
    online = Event.objects.filter(kind="ordered", data__channel="online")
    number = online.order_by("id").values_list("account__number", flat=True)[0]
    customer = {
        "number": number,
        "may_order_online": False,
        "blocked_reason": "Went to a marketplace",
    }
    body = {"customers": [customer], "legal_basis": "none"}
    (result,) = story.post("/api/v1/customers", body)["results"]
    assert result["result"] == "changed"
    return number


def assert_opening_changed_nothing_by_itself(story):
    """Every mail's link was opened by a scanner; only people's deeds are on record."""
    looked = set(
        Event.objects.filter(kind="seen").values_list("buyer__email", flat=True)
    )
    acted = {
        email for email, person in story.people.items() if person.dice in range(5, 20)
    }
    assert looked <= acted
    assert looked


def assert_every_planned_mail_is_accounted_for(story, campaign):
    deliveries = Delivery.objects.filter(campaign=campaign)
    sent = deliveries.filter(state="sent")
    assert not deliveries.filter(state__in=[*Delivery.OPEN, "unknown"]).exists()
    assert not deliveries.exclude(state="sent").filter(reason="").exists()
    assert set(story.sink.deliveries().values()) == {1}
    assert set(story.sink.deliveries()) == {
        str(uuid) for uuid in sent.values_list("uuid", flat=True)
    }
    assert story.left
    later = deliveries.filter(buyer__email__in=story.left).exclude(state="sent")
    assert {one.reason for one in later} == {"suppressed"}
    assert later.count() >= len(story.left)


def assert_figures_are_true(story):
    check_rates(Frame(story.at))
    accounts = oracle.rates("account", story.at)
    assert 0 < accounts["wsar"] < accounts["otar"] < accounts["rr"]
    assert accounts["kaar"]
    assert accounts["ineligible"] == 1


def assert_figures_of_earlier_days_are_true(story, barred):
    """Read from the journal; the account barred since counts as it did then."""
    account = Account.objects.filter(number=barred)
    account.update(eligible=True)  # for the oracle, which knows no history
    for weeks in (2, 5):
        day = (story.begin + timedelta(weeks=weeks)).date()
        check_rates(Frame(story.at, as_of=day))
    account.update(eligible=False)
    check_rates(Frame(story.at, as_of=(story.at - timedelta(days=9)).date()))


def check_rates(frame):
    found = report(frame)
    buyers, accounts = (
        oracle.rates("buyer", frame.at),
        oracle.rates("account", frame.at),
    )
    for unit, true in ((Unit.BUYER, buyers), (Unit.ACCOUNT, accounts)):
        for slug in ("rr", "otar", "once", "wsar"):
            figure = found.find(slug, unit)
            assert figure.numerator.count == true[slug], (slug, unit)
            assert figure.denominator.count == true["invited"], (slug, unit)
    for standing, true in zip(found.standings, (buyers, accounts), strict=True):
        assert standing.ineligible.count == true["ineligible"]
        assert standing.before.count == true["before"]
    kaar = found.find("kaar", Unit.ACCOUNT)
    assert kaar.numerator.count == accounts["kaar"]
    assert kaar.denominator.count == accounts["key_invited"]
    guide = found.find("kaar-guide", Unit.ACCOUNT)
    assert guide.numerator.count == accounts["kaar"]
    assert guide.denominator.count == buyers["invited"]


def assert_funnels_are_true(story, campaign):
    frame = Frame(story.at, campaign_id=campaign.pk)
    for unit in Unit:
        found = {step.slug: step.reached.count for step in funnel(frame, unit).steps}
        assert found == oracle.funnel(unit, campaign, story.at), unit
        bars = list(found.values())
        assert bars == sorted(bars, reverse=True)
        assert bars[-1] > 0


def assert_channels_are_true(story):
    (mix,) = mixes(Frame(story.at))
    found = {
        line.channel: (
            line.total.orders,
            line.total.amount,
            line.total.credits,
            line.total.credited,
        )
        for line in mix.lines
    }
    assert found == oracle.channels(mix.months[0], mix.months[-1])


def assert_files_say_the_same(story, client, campaign):
    client.force_login(UserFactory(role=Role.ANALYST))
    page = client.get(reverse("adoption:funnel-csv", args=[campaign.pk]))
    rows = list(csv.DictReader(io.StringIO(page.getvalue().decode())))
    found = [
        int(row["Reached"])
        for row in rows
        if row["Counted"] == "Buyers" and row["Who"].startswith("Not registered")
    ]
    assert found == list(oracle.funnel("buyer", campaign, story.at).values())
