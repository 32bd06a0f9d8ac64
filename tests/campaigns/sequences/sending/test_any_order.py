"""A campaign paused, resumed and edited in any order, while its mail goes out, servers
misbehave and senders die: nobody is written to twice, and nobody is forgotten."""

from collections import Counter
from datetime import time, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.consent import choices
from accounts.customers.models import Buyer
from accounts.journal import invariants
from campaigns.messages.models import MessageText
from campaigns.sequences.models import Campaign, Delivery, Enrolment
from campaigns.sequences.planning import drafts, lifecycle, revision
from campaigns.sequences.planning.revision import Revised
from campaigns.sequences.sending import claim, reap, transports, unknown
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.claim import LEASE
from campaigns.sequences.sending.deliver import deliver
from campaigns.sequences.sending.unknown import Finding
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_message,
    make_people,
    make_worker,
    start,
)
from tests.factories import UserFactory
from tests.support.smtp_sink import HANG_UP, TAKE_AND_HANG_UP, Reply

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PEOPLE = 8
WORDS = "The words of the day it was published."
MISHAPS = {
    "refused": ("RCPT", Reply("550 no such user")),
    "later": ("RCPT", Reply("450 come again")),
    "full": ("DATA", Reply("552 full")),
    "closing": ("MAIL", Reply("421 enough")),
    "cut before": ("DATA", HANG_UP),
    "cut after": ("END", TAKE_AND_HANG_UP),
    "lost": ("END", HANG_UP),
}


class Life(RuleBasedStateMachine):
    """A campaign of two steps, a day apart."""

    smtp = folder = None

    def __init__(self):
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.smtp.mails.clear()
        self.smtp.tricks.clear()
        self.at = MORNING
        self.person = UserFactory()
        make_people(PEOPLE)
        self.messages = [make_message(name, WORDS) for name in ("One", "Two")]
        self.campaign = make_campaign(
            {"message": self.messages[0]},
            {"message": self.messages[1], "wait_days": 1},
        )
        start(self.campaign)
        self.worker = make_worker(self.folder, transports.make())

    def teardown(self):
        try:
            self.nothing_is_left_in_the_end()
        finally:
            self.forget()

    def forget(self):
        self.worker.close()
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    # -- the wheel turns

    @rule(minutes=st.sampled_from([0, 1, 10, 60, 24 * 60]))
    def pass_time(self, minutes):
        self.at += timedelta(minutes=minutes)

    @rule(most=st.integers(1, PEOPLE))
    def send(self, most):
        advance(self.at)
        before, paused = len(self.smtp.mails), self.is_paused()
        deliver(self.at, worker=self.worker, limit=most)
        assert not paused or len(self.smtp.mails) == before

    @rule(most=st.integers(1, 3))
    def die_with_what_was_claimed(self, most):
        claim.claim(self.at, worker=self.worker.name, limit=most)
        self.worker.begin_anew()
        self.at += LEASE * 2
        reap.reap(self.at)

    @rule(mishap=st.sampled_from(sorted(MISHAPS)))
    def have_the_server_misbehave_once(self, mishap):
        when, reply = MISHAPS[mishap]
        left = [reply]
        self.smtp.tricks[:] = [
            lambda at, _to: left.pop() if left and at == when else None
        ]

    # -- what people do

    @rule()
    def pause(self):
        lifecycle.pause(self.campaign, self.person, self.at)

    @rule()
    def resume(self):
        lifecycle.resume(self.campaign, self.person, self.at)

    @rule()
    def edit_the_message(self):
        """For later campaigns; this one keeps what was published."""
        self.write("Other words.")

    @rule(place=st.integers(0, 1), planned_too=st.booleans())
    def take_over_a_new_text(self, place, planned_too):
        """This one says something else from now on; what was sent, was sent."""
        words = f"{WORDS} Said anew, {self.at:%d at %H:%M}."
        self.write(words)
        step = revision.steps_of(self.campaign)[place]
        texts = revision.publish([step], self.person, self.at)
        self.revise(place, text=texts[step.pk], planned_too=planned_too)
        planned = Delivery.objects.planned().filter(step=step)
        assert not planned_too or {one.message_version for one in planned} <= {
            texts[step.pk]
        }

    @rule(place=st.integers(0, 1), wait_days=st.integers(0, 3), hour=st.integers(7, 15))
    def change_the_times(self, place, wait_days, hour):
        before = self.times()
        self.revise(place, wait_days=wait_days, send_at=time(hour))
        after = self.times()
        assert all(due > self.at for pk, due in after.items() if due != before[pk])

    @rule()
    def edit_the_plan(self):
        """Nobody can as that of a draft: it has been started."""
        with pytest.raises(drafts.NotADraft):
            drafts.lock(self.campaign.pk)

    @rule(data=st.data())
    def move_house(self, data):
        buyer = self.pick(data, Buyer.objects.order_by("pk"))
        buyer.email = f"moved{buyer.pk}-{self.at:%d%H%M}@company.example"
        buyer.keep_address()
        buyer.save()

    @rule(data=st.data())
    def object(self, data):
        buyer = self.pick(data, Buyer.objects.order_by("pk"))
        choices.object_to_marketing(buyer, "page", "Stop these messages", self.at)

    @rule(data=st.data(), again=st.booleans())
    def find_out_what_became_of_it(self, data, again):
        if (one := self.pick(data, Delivery.objects.unknown())) is None:
            return
        got_it = str(one.uuid) in self.smtp.deliveries()
        lost = Finding.SEND_AGAIN if again else Finding.NOT_SENT
        finding = Finding.ACCEPTED if got_it else lost
        unknown.settle(
            [one.pk], finding, by=self.person, note="The provider's log.", at=self.at
        )

    # -- what must hold

    @invariant()
    def nobody_is_written_to_twice(self):
        assert all(number == 1 for number in self.smtp.deliveries().values())
        about = Counter(
            (mail.recipient, mail.header("Subject")) for mail in self.smtp.mails
        )
        assert all(number == 1 for number in about.values())

    @invariant()
    def everybody_reads_what_was_published(self):
        assert all(WORDS.encode() in mail.raw for mail in self.smtp.mails)

    @invariant()
    def the_sums_are_right(self):
        assert [one for one in invariants.audit(self.at) if not one.holds] == []
        states = Counter(Delivery.objects.values_list("state", flat=True))
        open_ = sum(states[state] for state in Delivery.OPEN)
        settled = sum(states[state] for state in ("sent", "skipped", "failed"))
        assert states.total() == open_ + settled + states["unknown"]
        sent = Delivery.objects.filter(state="sent").values_list("uuid", flat=True)
        assert {str(uuid) for uuid in sent} <= self.smtp.deliveries().keys()

    def nothing_is_left_in_the_end(self):
        self.smtp.tricks.clear()
        self.resume()
        for _part_of_a_day in range(100):
            if lifecycle.is_finished(self.campaign):
                break
            # Less than any step may go out in, from its hour until the evening.
            self.at += timedelta(hours=5)
            reap.reap(self.at)
            self.send(100)
            for one in Delivery.objects.unknown():
                got_it = str(one.uuid) in self.smtp.deliveries()
                finding = Finding.ACCEPTED if got_it else Finding.NOT_SENT
                unknown.settle(
                    [one.pk], finding, by=self.person, note="The log.", at=self.at
                )
        assert lifecycle.is_finished(self.campaign)
        self.the_sums_are_right()
        self.nobody_is_written_to_twice()
        gone = Delivery.objects.filter(state="sent").count()
        assert gone == len(self.smtp.mails)

    def write(self, words):
        texts = MessageText.objects.filter(message__in=self.messages)
        texts.update(body=words)

    def revise(self, place, text=None, planned_too=False, **values):
        with transaction.atomic():
            campaign = revision.lock(self.campaign.pk)
            step = revision.steps_of(campaign)[place]
            vars(step).update(values)
            wish = Revised(step, text, planned_too=planned_too)
            revision.apply(campaign, [wish], self.person, self.at)

    def times(self):
        return dict(Enrolment.objects.values_list("pk", "due_at"))

    def is_paused(self):
        return Campaign.objects.filter(pk=self.campaign.pk, state="paused").exists()

    def pick(self, data, rows):
        found = list(rows)
        return data.draw(st.sampled_from(found)) if found else None


RUNS = settings(
    max_examples=8,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def life(smtp, spool_folder):
    return type("Life", (Life,), {"smtp": smtp, "folder": spool_folder})


def test_in_any_order_everybody_gets_each_message_once(life):
    run_state_machine_as_test(life, settings=RUNS)


# -- the machine itself would notice


@pytest.fixture
def machine(life):
    machine = life()
    yield machine
    machine.forget()


def test_it_sees_a_message_that_goes_out_twice(machine):
    machine.send(PEOPLE)
    machine.nobody_is_written_to_twice()
    machine.smtp.mails.append(machine.smtp.mails[0])
    with pytest.raises(AssertionError):
        machine.nobody_is_written_to_twice()


def test_it_sees_mail_of_a_paused_campaign(machine, monkeypatch):
    monkeypatch.setattr(machine, "is_paused", lambda: True)
    with pytest.raises(AssertionError):
        machine.send(PEOPLE)


def test_it_sees_that_somebody_was_forgotten(machine):
    machine.send(PEOPLE)
    # The database itself refuses to have a message deleted, or to send it again.
    Enrolment.objects.filter(pk=Delivery.objects.first().enrolment_id).update(
        position=2
    )
    with pytest.raises(AssertionError):
        machine.the_sums_are_right()
