"""What training did, counted from seats and the journal; names behind each number."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.journal import clock
from accounts.journal.react import react
from accounts.journal.record import NewEvent, record
from accounts.staff.models import Role
from campaigns.training import seats
from campaigns.training.results.comparison import Stratum, mantel_haenszel
from campaigns.training.results.report import LISTS, of_list, report
from campaigns.training.results.rows import read
from campaigns.training.results.scope import Scope
from tests.campaigns.training.scenes import (
    DAY,
    STARTS,
    book,
    by_staff,
    make_session,
    seat_of,
)
from tests.campaigns.training.staff.conftest import client_of
from tests.factories import AccountFactory, BuyerFactory

LATER = STARTS + timedelta(days=90)


def happened(buyer, kind, at, **data):
    record(
        NewEvent(
            kind=kind,
            account_id=buyer.account_id,
            buyer_id=buyer.pk,
            occurred_at=at,
            source="test",
            key=f"{kind}:{buyer.pk}:{at.isoformat()}",
            data=data,
        )
    )


def ordered(buyer, at):
    happened(
        buyer,
        "ordered",
        at,
        channel="online",
        placed_by="customer",
        amount="10.00",
        currency="EUR",
        document=f"{buyer.pk}-{at:%Y%m%d}",
    )


def company(segment="workshop", *, registered=True, **fields):
    buyer = BuyerFactory(account=AccountFactory(segment=segment, **fields))
    if registered:
        happened(buyer, "registered", STARTS - 30 * DAY)
    return buyer


def attended(session, buyer):
    seat = seat_of(book(session, buyer))
    seats.check_in(seat, by_staff(STARTS + DAY), came_at=session.starts_at)
    return seat


def settle(at=LATER):
    while react(at):
        pass


@pytest.fixture
def session(db):
    return make_session(capacity=200, cost=Decimal("300.00"))


def found(session, at=LATER):
    settle(at)
    return report(Scope(at, session_id=session.pk))


def numbers(told):
    return {each.slug: each.count for each in (*told.funnel, *told.beside)}


def test_the_funnel_counts_companies_each_at_the_furthest(session):
    came, stayed_away, before, late = (company() for _ in range(4))
    for buyer in (came, before, late):
        attended(session, buyer)
    book(session, stayed_away)
    seats.close(session.pk, by_staff(STARTS + DAY))
    colleague = BuyerFactory(account=came.account)
    attended(session, colleague)
    ordered(came, STARTS + 5 * DAY)
    ordered(before, STARTS - 5 * DAY)
    ordered(late, STARTS + 80 * DAY)
    assert numbers(found(session)) == {
        "told": 4,
        "booked": 4,
        "attended": 3,
        "ordered": 2,
        "regular": 0,
        "before": 1,
        "possible": 0,
        "absent": 1,
    }


def test_who_is_still_in_time_is_not_lost(session):
    attended(session, company())
    early = found(session, STARTS + 10 * DAY)
    assert numbers(early)["possible"] == 1
    assert early.comparison.pending == 1
    assert early.comparison.trained == 0


def test_like_companies_are_of_the_same_stage_and_segment(session):
    attended(session, company("workshop"))
    like = company("workshop")
    ordered(like, STARTS + 3 * DAY)
    company("hotel")
    company("workshop", registered=False)
    company("workshop", eligible=False)
    ordered(company("workshop"), STARTS - DAY)
    compared = found(session).comparison
    assert (compared.trained, compared.others) == (1, 1)
    assert compared.others_rate == 1.0
    assert compared.too_few


def test_trained_companies_are_no_others(session):
    attended(session, company())
    attended(session, company())
    compared = found(session).comparison
    assert (compared.trained, compared.others, compared.unlike) == (0, 0, 2)


def test_enough_and_different_is_told_with_its_interval(session):
    for number in range(40):
        trained, other = company(), company()
        attended(session, trained)
        if number < 28:
            ordered(trained, STARTS + 4 * DAY)
        if number < 8:
            ordered(other, STARTS + 4 * DAY)
    compared = found(session).comparison
    assert (compared.trained, compared.ordered, compared.others) == (40, 28, 40)
    assert compared.difference == pytest.approx(0.5)
    assert compared.tells
    assert 0.2 < compared.interval.low < 0.5 < compared.interval.high < 0.8


def test_costs_are_per_company_that_began(session):
    for number in range(3):
        buyer = company()
        attended(session, buyer)
        if number < 2:
            ordered(buyer, STARTS + 4 * DAY)
    (cost,) = found(session).costs
    assert (cost.total, cost.each, cost.without) == (Decimal(300), Decimal(150), 0)


def test_every_number_is_its_list(session):
    for number in range(6):
        buyer = company()
        if number % 2:
            attended(session, buyer)
        else:
            book(session, buyer)
        if number % 3:
            ordered(buyer, STARTS + number * DAY)
    told = found(session)
    scope = Scope(LATER, session_id=session.pk)
    rows = read(scope)
    for number in (*told.funnel, *told.beside):
        assert number.count == len(of_list(number.slug, rows, scope)), number.slug


def test_scopes_are_a_session_a_course_a_trainer_or_all(session):
    other = make_session(day=date(2026, 3, 11), course=session.course)
    alien = make_session(day=date(2026, 3, 12))
    trainer = by_staff().by
    other.trainers.add(trainer)
    for each in (session, other, alien):
        book(each, company())
    settle()
    counts = {
        "session": Scope(LATER, session_id=session.pk),
        "course": Scope(LATER, course_id=session.course_id),
        "trainer": Scope(LATER, trainer_id=trainer.pk),
        "all": Scope(LATER),
    }
    booked = {name: numbers(report(scope))["booked"] for name, scope in counts.items()}
    assert booked == {"session": 1, "course": 2, "trainer": 1, "all": 3}


strata = st.lists(
    st.tuples(st.integers(1, 60), st.integers(1, 60)).flatmap(
        lambda n: st.builds(
            Stratum,
            st.just(n[0]),
            st.integers(0, n[0]),
            st.just(n[1]),
            st.integers(0, n[1]),
        )
    ),
    min_size=1,
    max_size=6,
)


@given(strata)
def test_the_common_difference_lies_among_the_strata(found):
    difference, interval = mantel_haenszel(found)
    single = [
        one.ordered / one.trained - one.others_ordered / one.others for one in found
    ]
    assert min(single) - 1e-9 <= difference <= max(single) + 1e-9
    if interval:
        assert -1 <= interval.low <= difference + 1e-9
        assert difference - 1e-9 <= interval.high <= 1


@given(strata)
def test_the_same_strata_twice_say_the_same_more_surely(found):
    once, narrow = mantel_haenszel(found), mantel_haenszel(found * 2)
    assert once[0] == pytest.approx(narrow[0])
    if once[1]:
        width = once[1].high - once[1].low
        assert narrow[1].high - narrow[1].low <= width + 1e-9


def test_one_stratum_is_the_plain_difference_and_its_walds_interval():
    difference, interval = mantel_haenszel([Stratum(40, 28, 40, 8)])
    assert difference == pytest.approx(0.5)
    reach = 1.959963984540054 * (0.7 * 0.3 / 40 + 0.2 * 0.8 / 40) ** 0.5
    assert interval.low == pytest.approx(0.5 - reach)
    assert interval.high == pytest.approx(0.5 + reach)


@pytest.fixture
def marketing(db, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)
    return client_of(Role.MARKETING_MANAGER)


def test_the_page_says_too_few(marketing, session):
    attended(session, company())
    company()
    settle()
    page = marketing.get(reverse("training-staff:results")).content.decode()
    assert "Too few to tell: 1 trained beside 1 others." in page


def test_the_page_without_sessions_says_so(marketing):
    page = marketing.get(reverse("training-staff:results")).content.decode()
    assert "No session has begun yet" in page


@pytest.mark.parametrize("slug", LISTS)
def test_each_list_opens_and_downloads(marketing, session, slug):
    attended(session, company())
    settle()
    asked = {"list": slug, "session": session.pk}
    assert marketing.get(reverse("training-staff:names"), asked).status_code == 200
    file = marketing.get(reverse("training-staff:names-csv"), asked)
    assert b"Customer number" in b"".join(file.streaming_content)


def test_an_analyst_reads_numbers_and_no_names(session, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: LATER)
    analyst = client_of(Role.ANALYST)
    attended(session, company())
    settle()
    page = analyst.get(reverse("training-staff:results")).content.decode()
    assert "names/" not in page
    names = reverse("training-staff:names")
    assert analyst.get(names, {"list": "booked"}).status_code == 403
