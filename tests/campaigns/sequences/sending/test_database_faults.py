"""The database's connection is cut, or its answer lost, while messages are out."""

from collections import Counter
from contextlib import suppress

import psycopg
import pytest
from django.db import OperationalError, close_old_connections, connection

from campaigns.sequences.models import Attempt, Delivery
from campaigns.sequences.sending import claim, look, reap, settle, spool, workers
from campaigns.sequences.sending import deliver as delivering
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.claim import LEASE
from campaigns.sequences.sending.deliver import deliver
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_people,
    start,
)
from tests.support import lossy_proxy

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 30


@pytest.fixture
def due(worker):
    make_people(PEOPLE)
    start(make_campaign())
    advance(MORNING)
    return worker


def states():
    return Counter(Delivery.objects.values_list("state", flat=True))


def cut(pid):
    """As an administrator would, or a proxy that restarts."""
    described = connection.settings_dict
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**described)
    with psycopg.connect(address) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])


@pytest.mark.parametrize("message", [1, 7, 12])
def test_a_connection_cut_between_wire_and_commit_sends_nothing_twice(
    message, due, smtp
):
    pid = connection.connection.info.backend_pid

    def trick(stage, address):
        if stage == "END" and len(smtp.mails) == message - 1:
            cut(pid)

    smtp.tricks.append(trick)
    sent = 0
    while outcome := deliver(MORNING, worker=due).states:
        sent += outcome["sent"]
    assert states() == {"sent": PEOPLE}
    assert sent == PEOPLE
    assert set(smtp.recipients().values()) == {1}


def lose_the_answer(monkeypatch, owner, name, *, passage=1):
    """It is done and committed, and whoever asked never hears of it."""
    deed, left = getattr(owner, name), [passage]

    def do(*args, **kwargs):
        done = deed(*args, **kwargs)
        left[0] -= 1
        if left[0] == 0:
            raise OperationalError("the answer was lost")
        return done

    monkeypatch.setattr(owner, name, do)


def test_a_lost_answer_to_the_settling_is_asked_for_again(due, smtp, monkeypatch):
    lose_the_answer(monkeypatch, settle, "_settle")
    send_the_rest(due)
    assert states() == {"sent": PEOPLE}
    assert set(smtp.recipients().values()) == {1}


@pytest.fixture
def database_gone(monkeypatch):
    """Nothing can be settled, until it is called."""
    real = settle.bind

    def fail(*args, **kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(settle, "bind", fail)
    return lambda: monkeypatch.setattr(settle, "bind", real)


@pytest.fixture
def all_gone(database_gone, monkeypatch):
    """Nothing can be given back either."""
    real = claim.give_back

    def fail(ids, **options):
        if ids:
            raise OperationalError("gone")

    def come_back():
        database_gone()
        monkeypatch.setattr(claim, "give_back", real)

    monkeypatch.setattr(claim, "give_back", fail)
    return come_back


def test_what_could_not_be_settled_is_made_up_from_the_notes(due, smtp, database_gone):
    with pytest.raises(OperationalError):
        deliver(MORNING, worker=due)
    database_gone()
    before = len(smtp.mails)
    assert before > 0
    # At once, although the process lives and its lease runs.
    reap.reap(MORNING)
    assert states()["sent"] == before
    send_the_rest(due)
    assert states() == {"sent": PEOPLE}
    assert set(smtp.recipients().values()) == {1}


def leave_a_batch(due):
    """Its first chunk cannot be settled; the others are only claimed."""
    due.pace.per_second = 10
    with pytest.raises(OperationalError):
        deliver(MORNING, worker=due)
    assert states()["claimed"] > 0
    assert states()["sending"] > 0


def test_who_comes_back_looks_after_it_where_no_dispatcher_lives(due, smtp, all_gone):
    leave_a_batch(due)
    all_gone()
    send_the_rest(due)
    assert states() == {"sent": PEOPLE}
    assert set(smtp.recipients().values()) == {1}


def test_and_while_nothing_answers_it_is_not_forgotten(due, smtp, all_gone):
    leave_a_batch(due)
    with pytest.raises(OperationalError):
        deliver(MORNING, worker=due)
    all_gone()
    send_the_rest(due)
    assert states() == {"sent": PEOPLE}


def test_who_did_not_would_leave_it_for_its_lease(due, smtp, all_gone, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(delivering, "_look_after", lambda worker, at: None)
    leave_a_batch(due)
    all_gone()
    send_the_rest(due)
    assert states()["claimed"] > 0
    assert states()["sending"] > 0


def send_the_rest(worker):
    while deliver(MORNING, worker=worker).claimed:
        continue


def test_later_chunks_do_not_write_over_those_notes(
    due, smtp, database_gone, monkeypatch
):
    monkeypatch.setattr(spool, "LARGEST", 0)
    with pytest.raises(OperationalError):
        deliver(MORNING, worker=due)
    database_gone()
    send_the_rest(due)
    reap.reap(MORNING)
    send_the_rest(due)
    assert states() == {"sent": PEOPLE}
    assert set(smtp.recipients().values()) == {1}


def test_under_the_old_name_they_would_and_it_would_be_sent_twice(
    due, smtp, database_gone, monkeypatch
):
    monkeypatch.setattr(spool, "LARGEST", 0)
    monkeypatch.setattr(workers.Worker, "begin_anew", lambda worker: None)
    due.pace.per_second = 10
    with pytest.raises(OperationalError):
        deliver(MORNING, worker=due)
    database_gone()
    send_the_rest(due)
    reap.reap(MORNING + LEASE * 2)
    send_the_rest(due)
    assert max(smtp.recipients().values()) == 2


def test_a_lost_answer_to_the_look_leaves_nothing_begun(due, smtp, monkeypatch):
    lose_the_answer(monkeypatch, look.Looker, "look")
    with pytest.raises(OperationalError):
        deliver(MORNING, worker=due)
    assert smtp.mails == []
    assert states()["sending"] > 0
    reap.reap(MORNING)
    assert states() == {"planned": PEOPLE}
    send_the_rest(due)
    assert states() == {"sent": PEOPLE}
    assert set(smtp.recipients().values()) == {1}
    # The tries that never were are on record as held back.
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {
        "accepted",
        "withheld",
    }


def test_a_lost_answer_to_settling_and_looking_at_once(due, smtp, monkeypatch):
    """The chunk before is settled, the one it looked at has not begun."""
    due.pace.per_second = 10
    lose_the_answer(monkeypatch, look.Looker, "look", passage=2)
    with pytest.raises(OperationalError):
        deliver(MORNING, worker=due)
    before = len(smtp.mails)
    assert before > 0
    assert states()["sent"] == before
    assert states()["sending"] > 0
    send_the_rest(due)
    assert states() == {"sent": PEOPLE}
    assert set(smtp.recipients().values()) == {1}


def test_what_was_not_done_at_once_is_done_one_after_the_other(due, smtp, monkeypatch):
    """Settling and looking, of which nothing was done: both are said once more."""
    due.pace.per_second = 10
    real, left = look.fetch_beside, [2]

    def refuse(statements, work):
        left[0] -= 1
        if left[0] == 0:
            raise OperationalError("deadlock detected")
        return real(statements, work)

    monkeypatch.setattr(look, "fetch_beside", refuse)
    with pytest.raises(OperationalError):
        deliver(MORNING, worker=due)
    assert states()["sent"] == len(smtp.mails) > 0
    send_the_rest(due)
    assert states() == {"sent": PEOPLE}
    assert set(smtp.recipients().values()) == {1}


@pytest.fixture
def proxy():
    """What stands between us and the database from now on."""
    described = connection.settings_dict
    before = described["HOST"], described["PORT"]
    connection.close()
    with lossy_proxy.running(before[0], int(before[1])) as proxy:
        described["HOST"], described["PORT"] = "127.0.0.1", str(proxy.port)
        yield proxy
        connection.close()
        described["HOST"], described["PORT"] = before


#: What is committed by the statement whose answer gets lost.
COMMITTED = {
    "that they are claimed": b"SET state = 'claimed'",
    "that they are being sent": b"WHEN '' THEN 'sending'",
    "what became of them": b"SET state = said.state",
    "what was planned": b"INSERT INTO sequences_delivery",
    "any transaction": b"COMMIT",
}


@pytest.mark.parametrize("what", COMMITTED)
def test_a_commit_whose_answer_is_lost_sends_nothing_twice(worker, smtp, what, proxy):
    make_people(PEOPLE)
    start(make_campaign())
    proxy.lose_next(COMMITTED[what])
    for deed in (lambda: advance(MORNING), lambda: deliver(MORNING, worker=worker)):
        with suppress(OperationalError):
            deed()
        # As every turn of the dispatcher, and every task, begins.
        close_old_connections()
    assert proxy.lost == 1
    # Whoever asked is gone with what was claimed.
    later = MORNING + LEASE * 2
    reap.reap(later)
    while advance(later) + deliver(later, worker=worker).claimed:
        continue
    assert states() == {"sent": PEOPLE}
    assert set(smtp.recipients().values()) == {1}
