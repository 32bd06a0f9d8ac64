"""Who is put back while the wait of her step is changed goes by the new one."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import transaction

from campaigns.sequences.models import Enrolment
from campaigns.sequences.planning import rejoin, revision, standstill
from campaigns.sequences.planning.revision import Revised
from campaigns.sequences.sending import advance
from tests.campaigns.sequences import scenes
from tests.factories import UserFactory
from tests.races import beside, wait_until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ended():
    """She waits for the second step, when the campaign ends for her by mistake."""
    scenes.make_people(1)
    scenes.start(scenes.make_campaign({}, {"wait_days": 3}))
    advance.advance(scenes.MORNING)
    enrolment = Enrolment.objects.get()
    Enrolment.objects.update(state="exited", exit_reason="goal_reached", due_at=None)
    return enrolment


def wait_four_days(campaign):
    with transaction.atomic():
        locked = revision.lock(campaign.pk)
        step = revision.steps_of(locked)[1]
        step.wait_days = 4
        revision.apply(locked, [Revised(step)], None, scenes.MORNING)


def race(monkeypatch, enrolment, meet):
    """Her time is reckoned already when the wait is changed; by how much it moved."""
    reckon, changing = rejoin._due, []

    def slow(*arguments):
        due = reckon(*arguments)
        changing.append(beside(lambda: wait_four_days(enrolment.campaign)))
        meet(changing[0])
        return due

    monkeypatch.setattr(rejoin, "_due", slow)
    rejoin.put_back([enrolment.pk], UserFactory(), scenes.MORNING)
    changing[0].join()
    return Enrolment.objects.get().due_at - enrolment.due_at


def test_she_is_due_by_the_new_wait(monkeypatch, ended):
    def meet(_change):
        wait_until_somebody_waits("advisory")

    assert race(monkeypatch, ended, meet) == timedelta(days=1)


def test_without_the_standstill_she_is_due_by_the_old_one(monkeypatch, ended):
    monkeypatch.setattr(standstill, "respect", lambda: None)

    assert race(monkeypatch, ended, Thread.join) == timedelta(0)
