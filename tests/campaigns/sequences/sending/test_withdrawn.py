"""People object and complain while four workers send: whoever has not been begun with
gets nothing any more, from the commit on."""

import random
from collections import Counter

import pytest
from django.db import transaction

from accounts.consent import choices
from accounts.consent.models import Permission, Suppression
from accounts.customers.models import Buyer
from accounts.journal import clock
from campaigns.sequences.models import Delivery
from campaigns.sequences.sending import advance
from tests.support import senders as processes

from .judging import is_all_settled, plan, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MESSAGES, WORKERS, LINES = 400, 4, 4
REASONS = (Suppression.Reason.UNSUBSCRIBED, Suppression.Reason.COMPLAINED)


@pytest.fixture
def sink_options():
    return ["slow=10"]


@pytest.fixture
def lines():
    return LINES


def withdraw(people, reason):
    with transaction.atomic():
        for buyer in Buyer.objects.filter(email__in=people).order_by("pk"):
            choices.object_to_marketing(
                buyer, "page", "Stop these messages", clock.now(), reason=reason
            )


def take_permission_away(people, _reason):
    """In one statement: nothing of a chunk goes out meanwhile."""
    Permission.objects.filter(buyer__email__in=people).update(allowed=False)


def send_while_people_withdraw(environment, ledger, withdraw=withdraw, **order):
    """For each time, how many of them got it after all; and who withdrew."""
    plan(MESSAGES)
    while advance.advance(clock.now()):
        continue
    dice, withdrawn, late = random.Random(20), set(), []
    everybody = set(Buyer.objects.values_list("email", flat=True))
    with processes.running(environment) as senders:
        for _worker in range(WORKERS):
            senders("worker", **order)
        for number, reason in enumerate(REASONS, 1):
            goal = number * MESSAGES // 5
            wait_for(lambda goal=goal: len(ledger) >= goal)
            left = everybody - withdrawn - {to for _delivery, to in ledger.read()}
            people = set(dice.sample(sorted(left), len(left) // 2))
            withdraw(people, reason)
            before = {to for _delivery, to in ledger.read()}
            withdrawn |= people
            late.append((people, before))
        wait_for(is_all_settled)
    got = {to for _delivery, to in ledger.read()}
    return [len(people & got - before) for people, before in late], withdrawn


def test_at_most_what_is_on_the_wire_reaches_who_withdrew(senders_environment, ledger):
    late, withdrawn = send_while_people_withdraw(
        senders_environment, ledger, attentive=True
    )
    assert max(late) <= LINES
    taken = Counter(to for _delivery, to in ledger.read())
    assert set(taken.values()) == {1}
    # Everybody else has hers, and of each who has not there is a word why.
    states = Counter(Delivery.objects.values_list("state", "reason"))
    assert states.pop(("sent", "")) == len(taken)
    assert sum(states.values()) == MESSAGES - len(taken)
    assert {state for state, _reason in states} <= {"skipped"}
    spared = set(
        Delivery.objects.filter(state="skipped").values_list("buyer__email", flat=True)
    )
    assert spared == withdrawn - set(taken)


def test_unasked_the_rest_of_each_chunk_would(senders_environment, ledger):
    """The negative control: only the look before a chunk holds anybody back."""
    late, _withdrawn = send_while_people_withdraw(
        senders_environment, ledger, take_permission_away, heedless=True
    )
    assert max(late) > LINES
