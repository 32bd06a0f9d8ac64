"""Machines that nothing in a single message gives away: slow, one link, no trap."""

from datetime import timedelta

import pytest

from accounts.journal import invariants
from campaigns.feedback import figures, gateways, summing, tasks
from campaigns.feedback.figures import What
from campaigns.feedback.models import Gateway
from campaigns.sequences.models import MeasuredDelivery
from tests.campaigns.sequences.scenes import make_campaign, make_people

from .scenes import SENT, make_sent
from .test_machines import A_DAY, agree, click, machine

pytestmark = pytest.mark.django_db

LATER = SENT + timedelta(days=3)


@pytest.fixture
def campaign():
    return make_campaign(state="running", measures=True)


def send(campaign, buyer):
    delivery = make_sent(buyer=buyer, campaign=campaign)
    MeasuredDelivery.objects.create(delivery=delivery)
    return delivery


def send_all(campaign, people):
    for buyer in people:
        agree(buyer)
    return [send(campaign, buyer) for buyer in people]


def counts(campaign):
    return figures.total(figures.by_step(campaign).values())


def read_slowly(take_in, sent):
    """One link each, hours after it came, each at a time of its own."""
    for number, delivery in enumerate(sent):
        click(take_in, delivery, "a", A_DAY + 1_700 * number)


class TestALoneSlowScanner:
    def test_it_is_known_by_following_nearly_everything(self, campaign, take_in):
        sent = send_all(campaign, make_people(14))
        read_slowly(take_in, sent)
        assert counts(campaign).clicked == 14
        gateways.learn(LATER)
        # And what it did before it was known is judged again.
        assert (counts(campaign).clicked, counts(campaign).clicked_by_machines) == (
            0,
            14,
        )
        agree(one := make_people(1)[0])
        click(take_in, send(campaign, one), "a", A_DAY)
        assert machine()[-1] > summing.LINE

    def test_a_company_of_keen_readers_is_none(self, campaign, take_in):
        """Half of what they get is a great deal for people."""
        sent = send_all(campaign, make_people(14))
        read_slowly(take_in, sent[:7])
        gateways.learn(LATER)
        assert counts(campaign).clicked == 7
        assert set(machine()) == {5}

    def test_nor_is_a_small_company_that_reads_all_of_it(self, campaign, take_in):
        sent = send_all(campaign, make_people(5))
        read_slowly(take_in, sent)
        gateways.learn(LATER)
        assert counts(campaign).clicked == 5

    def test_one_who_likes_us_very_much_is_a_person(self, take_in):
        (buyer,) = make_people(1)
        agree(buyer)
        sent = [send(make_campaign(state="running"), buyer) for _ in range(20)]
        read_slowly(take_in, sent)
        gateways.learn(LATER)
        assert set(machine()) == {5}

    def test_without_the_number_of_people_she_would_be_none(self, take_in, monkeypatch):
        """The negative control."""
        monkeypatch.setattr(gateways, "PEOPLE", 1)
        with pytest.raises(AssertionError):
            self.test_one_who_likes_us_very_much_is_a_person(take_in)

    def test_who_was_measured_elsewhere_says_nothing_of_it(self, campaign, take_in):
        """A provider's own tracking tells of clicks, and not of what it counted."""
        people = make_people(14)
        for buyer in people:
            agree(buyer)
        sent = [make_sent(buyer=one, campaign=campaign) for one in people]
        read_slowly(take_in, sent)
        gateways.learn(LATER)
        known = Gateway.objects.get()
        assert (known.clicked, known.sent, known.followed) == (14, 0, 0)
        assert set(machine()) == {5}

    def test_an_old_habit_is_forgotten(self, campaign, take_in):
        read_slowly(take_in, send_all(campaign, make_people(14)))
        gateways.learn(LATER + gateways.MEMORY)
        assert not Gateway.objects.exists()

    def test_learning_again_changes_nothing(self, campaign, take_in):
        read_slowly(take_in, send_all(campaign, make_people(14)))
        gateways.learn(LATER)
        before = machine()
        for _hour in range(3):
            gateways.learn(LATER)
        assert machine() == before


class TestColleaguesInOneMoment:
    def learn(self, after=A_DAY):
        gateways.learn(SENT + timedelta(seconds=after, hours=2))

    def clicks(
        self, campaign, take_in, *seconds, per_account, after=A_DAY, links="a", idle=0
    ):
        people = make_people(len(seconds) + idle, per_account=per_account)
        for delivery, at in zip(send_all(campaign, people), seconds, strict=not idle):
            for link in links:
                click(take_in, delivery, link, after + at)
        self.learn(after)
        found = counts(campaign)
        return found.clicked, found.clicked_by_machines

    def test_three_who_press_one_link_each_are_people(self, campaign, take_in):
        """In a training: "open the mail, all of you"."""
        assert self.clicks(campaign, take_in, 0, 3, 6, per_account=3) == (3, 0)

    def test_so_are_the_first_of_a_large_company(self, campaign, take_in):
        """Twenty within five minutes, five of them in one breath."""
        seconds = [0, 3, 5, 7, 9, *range(30, 330, 20)]
        found = self.clicks(campaign, take_in, *seconds, per_account=40, idle=20)
        assert found == (20, 0)

    def test_faster_than_fingers_is_a_machine(self, campaign, take_in):
        found = self.clicks(campaign, take_in, 0, 1, 2, 5, 900, per_account=5)
        # Who came three seconds later was not in it.
        assert found == (2, 3)

    def test_two_links_each_are_a_machines(self, campaign, take_in):
        found = self.clicks(campaign, take_in, 0, 3, 6, 900, per_account=4, links="ab")
        assert found == (1, 3)

    def test_a_queue_emptied_when_the_mail_had_just_come_is_a_machines(
        self, campaign, take_in
    ):
        found = self.clicks(campaign, take_in, 0, 4, 8, 900, per_account=4, after=150)
        assert found == (1, 3)

    def test_so_many_within_seconds_are_a_machines(self, campaign, take_in):
        seconds = [0, 2, 4, 6, 8, 10, 900]
        assert self.clicks(campaign, take_in, *seconds, per_account=7) == (1, 6)

    def test_a_slow_scanner_of_three_is_known_by_its_habit(self, campaign, take_in):
        """One link each, seconds apart, long after: it does so again and again."""
        people = make_people(4, per_account=4)
        for buyer in people:
            agree(buyer)
        for campaigns in range(4):
            again = make_campaign(state="running", measures=True)
            for number, buyer in enumerate(people):
                at = A_DAY + 1_000 * campaigns + 3 * number
                click(take_in, send(again, buyer), "a", at)
        self.learn()
        assert min(machine()) > summing.LINE

    def test_two_are_people(self, campaign, take_in):
        found = self.clicks(campaign, take_in, 0, 1, 900, per_account=3, links="ab")
        assert found == (3, 0)

    def test_three_of_as_many_companies_are_people(self, campaign, take_in):
        """As at a provider of mailboxes for everybody."""
        assert self.clicks(campaign, take_in, 0, 1, 2, per_account=1) == (3, 0)

    def test_by_seconds_alone_a_training_would_be_a_machine(
        self, campaign, take_in, monkeypatch
    ):
        """The negative control."""
        monkeypatch.setattr(gateways, "AT_ONCE", gateways.WITHIN)
        with pytest.raises(AssertionError):
            self.test_three_who_press_one_link_each_are_people(campaign, take_in)


def test_the_sums_are_those_of_the_reports(campaign, take_in):
    sent = send_all(campaign, make_people(3))
    for second, link in enumerate("abc"):
        click(take_in, sent[0], link, A_DAY + second)
    click(take_in, sent[0], "a", 2 * A_DAY)
    click(take_in, sent[1], "a", 3)
    kept = list(MeasuredDelivery.objects.order_by("pk").values_list("clicked"))
    assert kept == [(5,), (80,), (None,)]
    assert figures.names(campaign, What.CLICKED).get().pk == sent[0].pk
    assert figures.names(campaign, What.CLICKED_BY_MACHINES).get().pk == sent[1].pk


def test_the_audit_sees_a_sum_that_is_none(campaign, take_in):
    sent = send_all(campaign, make_people(2))
    click(take_in, sent[0], "a", A_DAY)
    assert all(one.holds for one in invariants.audit(LATER))
    MeasuredDelivery.objects.filter(pk=sent[1].pk).update(opened=5)
    (wrong,) = [one for one in invariants.audit(LATER) if not one.holds]
    assert (wrong.invariant.code, wrong.broken.count) == ("I9", 1)


def test_the_bell_learns(campaign, take_in):
    click(take_in, send_all(campaign, make_people(1))[0], "a", A_DAY)
    tasks.learn()
    assert Gateway.objects.exists()
