"""How far somebody has come, asked of a row and of the database alike."""

from datetime import timedelta

import pytest

from accounts.customers.models import Account, Buyer
from accounts.journal import kinds, react, stages
from accounts.journal.models import BuyerProgress
from accounts.journal.record import record_many
from accounts.journal.stages import Stage
from tests.factories import BuyerFactory

from .conftest import NOON, event, order

DAY = timedelta(days=1)
HISTORIES = {
    Stage.NONE: [],
    Stage.INVITED: [kinds.INVITED],
    Stage.REGISTERED: [kinds.INVITED, kinds.REGISTERED],
    Stage.FIRST_ORDER: [kinds.INVITED, 0],
    Stage.REPEAT: [kinds.REGISTERED, -200, -1],
    Stage.REGULAR: [-30, -20, -10],
}


def tell(buyer, history):
    return [
        order(buyer.account, buyer, days=what)
        if isinstance(what, int)
        else event(buyer.account, buyer, what)
        for what in history
    ]


@pytest.fixture
def buyers(db):
    cast = {stage: BuyerFactory() for stage in HISTORIES}
    for stage, buyer in cast.items():
        record_many(tell(buyer, HISTORIES[stage]))
    react.react_to_all(NOON)
    return cast


@pytest.mark.parametrize("stage", Stage)
def test_the_row_and_the_query_agree(buyers, stage):
    buyer = buyers[stage]
    row = BuyerProgress.objects.filter(buyer=buyer).first()

    assert stages.of(row, NOON) == stage
    assert Buyer.objects.filter(stages.q(stage, NOON)).get() == buyer
    assert Account.objects.filter(stages.q(stage, NOON)).get() == buyer.account


@pytest.mark.parametrize(("number", "stage"), list(enumerate(Stage)))
def test_whoever_is_beyond_has_been_there(buyers, number, stage):
    assert (
        Buyer.objects.filter(stages.reached(stage, NOON)).count() == len(Stage) - number
    )


def test_on_the_row_itself_the_prefix_is_empty(buyers):
    rows = BuyerProgress.objects.filter(stages.q(Stage.REPEAT, NOON, prefix=""))

    assert rows.get().buyer == buyers[Stage.REPEAT]


def test_regular_fades_without_an_event(buyers):
    buyer = buyers[Stage.REGULAR]
    row = BuyerProgress.objects.get(buyer=buyer)
    last_moment = NOON - 30 * DAY + 90 * DAY

    assert row.regular_until == last_moment
    assert stages.of(row, last_moment - DAY) == Stage.REGULAR
    assert stages.of(row, last_moment) == Stage.REPEAT
    faded = Buyer.objects.filter(stages.q(Stage.REPEAT, last_moment))
    assert set(faded) == {buyer, buyers[Stage.REPEAT]}


def test_orders_without_an_invitation_are_a_stage_too(buyers):
    row = BuyerProgress(online_count=1)

    assert stages.of(row, NOON) == Stage.FIRST_ORDER
