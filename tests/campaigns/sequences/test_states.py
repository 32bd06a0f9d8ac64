from itertools import product

import pytest
from django.db import DatabaseError, connection, transaction

from campaigns.sequences.models import Delivery
from campaigns.sequences.states import may_become

from .scenes import MONDAY, MORNING, make_campaign, make_people, start

pytestmark = pytest.mark.django_db
State = Delivery.State

INSERT = """
    INSERT INTO sequences_delivery (uuid, occurrence, notice, message_version_id,
        account_id, buyer_id, state, reason, detail, due_at, local_due, zone,
        claimed_by, epoch, attempts, transport, provider_id, settled_note, lease_until)
    VALUES (gen_random_uuid(), 1, %s, 1, 1, 1, %s, 'refused', '', %s, '', '', '', 0, 0,
        '', '', '', %s)
    RETURNING id
"""


def make_delivery(state):
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [f"test:{state}", state, MORNING, MORNING])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("before", State.values)
def test_the_database_allows_the_changes_of_the_table_and_no_other(before):
    pk = make_delivery(before)
    allowed = {after for after in State.values if can_change(pk, after)}
    expected = {after for after in State.values if may_become(before, after)}
    assert allowed == expected | {before}


def can_change(pk, after):
    try:
        with transaction.atomic():
            Delivery.objects.filter(pk=pk).update(state=after)
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True


def test_there_is_no_way_back_from_sent():
    assert not any(may_become(State.SENT, after) for after in State.values)


def test_every_state_can_be_left_or_is_an_end():
    ends = {State.SENT, State.FAILED, State.SKIPPED}
    for before, after in product(State.values, State.values):
        if before in ends:
            assert not may_become(before, after)


def test_a_delivery_is_never_deleted():
    pk = make_delivery(State.PLANNED)
    with pytest.raises(DatabaseError, match="never deleted"), transaction.atomic():
        Delivery.objects.filter(pk=pk)._raw_delete(using="default")
    assert Delivery.objects.filter(pk=pk).exists()


def test_what_was_not_sent_has_a_reason():
    make_people(1)
    start(make_campaign(), MONDAY)
    with connection.cursor() as cursor, pytest.raises(DatabaseError):
        cursor.execute(
            INSERT.replace("'refused'", "''"), ["x", "failed", MORNING, None]
        )
