"""What training did, counted from seats and the journal; names behind each number."""

import random
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.customers.models import Account, AccountFact
from accounts.journal import clock
from accounts.journal.models import AccountProgress
from accounts.journal.react import react
from accounts.journal.record import NewEvent, record
from accounts.staff.models import Role
from campaigns.training import feedback, seats
from campaigns.training.results import breakdown, lists
from campaigns.training.results.comparison import Stratum, mantel_haenszel
from campaigns.training.results.report import LISTS, of_list, report
from campaigns.training.results.rows import read
from campaigns.training.results.scope import WINDOW, Scope
from tests.campaigns.training.scenes import (
    DAY,
    HOUR,
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
        "barred": 0,
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


@pytest.mark.parametrize("slug", [*LISTS, *lists.COMPARED])
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


# -- Alike at that time ---------------------------------------------------------------


def orders_offline(buyer, *days_before, start=STARTS):
    """An order by telephone so many days before the session."""
    for days in days_before:
        at = start - days * DAY
        happened(
            buyer,
            "ordered",
            at,
            channel="phone",
            amount="10.00",
            currency="EUR",
            document=f"{buyer.pk}-{days}",
        )


RHYTHMS = {
    "none": (),
    "short": (10, 5),
    "weekly": (28, 21, 14, 7),
    "fortnightly": (56, 42, 28, 14),
    "monthly": (90, 60, 30, 2),
    "quarterly": (270, 180, 90, 3),
    "rarely": (600, 400, 200, 20),
}


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_like_companies_order_in_the_same_rhythm(session, rhythm):
    came = company()
    attended(session, came)
    orders_offline(came, *RHYTHMS[rhythm])
    others = {name: company() for name in RHYTHMS}
    for name, days in RHYTHMS.items():
        orders_offline(others[name], *days)
    found(session)
    scope = Scope(LATER, session_id=session.pk)
    (like,) = lists.find("like", scope).companies
    assert like.account_id == others[rhythm].account_id
    (trained,) = lists.find("compared", scope).companies
    assert trained.standing == like.standing
    assert like.standing.rhythm == rhythm


def test_what_was_ordered_after_the_start_makes_no_rhythm(session):
    came, other = company(), company()
    attended(session, came)
    orders_offline(came, 28, 21, 14, 7)
    orders_offline(other, 28, 21, 14, 7, -1, -60, -61, -62)
    assert found(session).comparison.others == 1


def test_an_order_of_long_ago_is_no_rhythm_any_more(session):
    came, silent = company(), company()
    attended(session, came)
    orders_offline(silent, 500, 470, 440, 410)
    assert found(session).comparison.others == 1


def test_the_median_gap_is_not_moved_by_one_long_pause(session):
    came, paused = company(), company()
    attended(session, came)
    orders_offline(came, 21, 14, 7, 1)
    orders_offline(paused, 200, 14, 7, 1)
    assert found(session).comparison.others == 1


def test_like_companies_were_in_the_same_segment_then(session):
    attended(session, company("workshop"))
    moved, came_in = company("workshop"), company("hotel")
    account = came_in.account
    before = STARTS - 10 * DAY
    for each, segment in ((moved.account, "hotel"), (account, "workshop")):
        each.segment = segment
        each.save()
    facts = AccountFact.objects.filter(kind="segment")
    facts.filter(account=moved.account).update(valid_until=STARTS + DAY)
    facts.filter(account=account).update(valid_until=before)
    found(session)
    scope = Scope(LATER, session_id=session.pk)
    like = lists.find("like", scope).companies
    assert {one.account_id for one in like} == {moved.account_id, account.pk}
    facts.filter(account=account).update(valid_until=STARTS + DAY)
    like = lists.find("like", scope).companies
    assert {one.account_id for one in like} == {moved.account_id}


def test_a_company_like_several_is_one_company(session):
    second = make_session(day=date(2026, 3, 11), course=session.course)
    attended(session, company())
    seat = seat_of(book(second, company()))
    seats.check_in(seat, by_staff(STARTS + 2 * DAY), came_at=second.starts_at)
    ordered(company(), STARTS + 4 * DAY)
    settle()
    compared = report(Scope(LATER)).comparison
    assert (compared.trained, compared.others) == (2, 1)
    assert compared.others_rate == 1.0


def test_every_number_of_the_comparison_is_its_list(session):
    for number in range(9):
        buyer = company("workshop" if number % 2 else "hotel")
        orders_offline(buyer, *RHYTHMS["weekly" if number % 3 else "monthly"])
        if number < 5:
            attended(session, buyer)
        if number % 4 == 0:
            ordered(buyer, STARTS + 3 * DAY)
    attended(session, company("alone"))
    compared = found(session).comparison
    scope = Scope(LATER, session_id=session.pk)
    sizes = {slug: len(lists.find(slug, scope).companies) for slug in lists.COMPARED}
    assert sizes["compared"] == compared.trained > 0
    assert sizes["compared_ordered"] == compared.ordered > 0
    assert sizes["like"] == compared.others > sizes["like_ordered"] > 0
    assert sizes["unlike"] == compared.unlike > 0
    early = Scope(STARTS + DAY, session_id=session.pk)
    assert len(lists.find("pending", early).companies) == 6


def test_the_groups_are_those_that_a_plain_count_finds(session):
    """Against the definition told anew, company by company, over random pasts."""
    randomly = random.Random(7)
    second = make_session(day=date(2026, 4, 10), capacity=200)
    companies = []
    for number in range(40):
        buyer = company(randomly.choice(["workshop", "hotel"]))
        pace = randomly.choice([None, 7, 14, 30])
        days = range(randomly.randrange(30), 300, pace) if pace else ()
        orders_offline(buyer, *days)
        if randomly.random() < 0.4:
            ordered(buyer, STARTS + randomly.randrange(-20, 100) * DAY)
        where = randomly.choice([None, None, session, second])
        if where and number < 30:
            seat = seat_of(book(where, buyer))
            came = by_staff(where.starts_at + DAY)
            seats.check_in(seat, came, came_at=where.starts_at)
        companies.append((buyer, days, where if number < 30 else None))
    settle(LATER + 60 * DAY)
    told = report(Scope(LATER + 60 * DAY)).comparison
    assert (told.trained, told.others) == _plainly(companies)


def _plainly(companies):
    firsts = dict(AccountProgress.objects.values_list("account_id", "online_first"))
    standings = {}

    def stood(buyer, days, at):
        first = firsts.get(buyer.account_id)
        if first and first <= at:
            return None
        all_days = {STARTS - day * DAY for day in days}
        past = sorted(one for one in all_days if one <= at)[-4:]
        if not past:
            return (buyer.account.segment, "none")
        gaps = [b - a for a, b in pairwise(past)]
        if len(gaps) < 2:
            return (buyer.account.segment, "short")
        days = median(gap.total_seconds() for gap in gaps) / 86400
        band = next(b for limit, b in BANDS if days <= limit)
        return (buyer.account.segment, band)

    trained, others = 0, set()
    for buyer, days, where in companies:
        mine = where and stood(buyer, days, where.starts_at)
        if not mine:
            continue
        like = {
            other.account_id
            for other, theirs, went in companies
            if went is None or went.starts_at > where.starts_at + WINDOW
            if stood(other, theirs, where.starts_at) == mine
        }
        trained += bool(like)
        others |= like
        standings[buyer.pk] = mine
    return trained, len(others)


BANDS = ((10, "weekly"), (21, "fortnightly"), (45, "monthly"), (120, "quarterly"))


# -- One beside another ---------------------------------------------------------------


@pytest.mark.parametrize("by", breakdown.By)
def test_each_line_says_what_its_own_report_says(session, by):
    trainer, colleague = by_staff().by, by_staff().by
    other = make_session(day=date(2026, 3, 11), course=session.course)
    alien = make_session(day=date(2026, 3, 12), cost=Decimal(40))
    other.trainers.add(trainer)
    alien.trainers.add(trainer, colleague)
    shared = company()
    for number, each in enumerate((session, other, alien)):
        attended(each, shared)
        book(each, company())
        buyer = company()
        seat = seat_of(book(each, buyer)) if number else attended(each, buyer)
        seats.check_in(seat, by_staff(STARTS + 2 * DAY), came_at=each.starts_at)
        ordered(buyer, each.starts_at + 3 * DAY)
    happened(company(), "training_told", STARTS - DAY)
    settle()
    lines = breakdown.page(Scope(LATER), by).lines
    assert len(lines) == {"session": 3, "course": 2, "trainer": 2}[by]
    for line in lines:
        alone = numbers(report(Scope(LATER, **{f"{by}_id": line.key})))
        for slug in ("told", "booked", "attended", "ordered", "regular"):
            assert getattr(line, slug) == alone[slug], (line.label, slug)


def test_all_sessions_count_and_are_shown_in_pages(marketing, session):
    for number in range(30):
        day = date(2026, 1, 1) + timedelta(days=number)
        book(make_session(day=day), company(), at=STARTS - 90 * DAY)
    settle()
    told = report(Scope(LATER))
    assert told.sessions == 31
    assert numbers(told)["booked"] == 30
    address = reverse("training-staff:results")
    first = marketing.get(address).content.decode()
    assert "Page 1 of 2" in first
    second = marketing.get(address, {"page": "2"}).content.decode()
    assert second.count("data-head") == 6
    assert marketing.get(address, {"page": "99999999999"}).status_code == 200


@pytest.mark.parametrize("sessions", [2, 12])
def test_the_number_of_statements_does_not_grow(
    session, sessions, django_assert_num_queries
):
    for number in range(sessions):
        each = make_session(day=date(2026, 3, 11) + timedelta(days=number))
        for _ in range(sessions):
            attended(each, company())
    settle()
    with django_assert_num_queries(7):
        report(Scope(LATER))
    with django_assert_num_queries(4):
        breakdown.page(Scope(LATER), breakdown.By.SESSION)


def test_words_and_barriers_open_their_people(marketing, session):
    people = [company() for _ in range(3)]
    for number, buyer in enumerate(people):
        seat = attended(session, buyer)
        barrier = "distrust" if number else ""
        feedback.give(seat, STARTS + DAY, rating=3 + number, barrier=barrier)
    settle()
    told = found(session).said
    assert (told.number, told.average) == (3, 4)
    assert [(one.slug, one.count) for one in told.barriers] == [("distrust", 2)]
    asked = {"session": session.pk}
    names = reverse("training-staff:names")
    page = marketing.get(reverse("training-staff:results"), asked).content.decode()
    assert "list=said" in page
    assert "list=barrier-distrust" in page
    stopped = marketing.get(
        names, {**asked, "list": "barrier-distrust"}
    ).content.decode()
    assert str(people[1]) in stopped
    assert str(people[0]) not in stopped
    file = marketing.get(reverse("training-staff:names-csv"), {"list": "said"})
    assert b"".join(file.streaming_content).count(b"\n") == 4
    assert marketing.get(names, {"list": "barrier-none"}).status_code == 404


# -- As it was then -------------------------------------------------------------------


def like_ids(session):
    settle()
    scope = Scope(LATER, session_id=session.pk)
    found = {one.account_id for one in lists.find("like", scope).companies}
    assert report(scope).comparison.others == len(found)
    return found


def barred(buyer, since, until=None):
    """It might not order online between these moments."""
    own = Account.objects.filter(pk=buyer.account_id)
    own.update(eligible=until is not None)
    AccountFact.objects.create(
        account=buyer.account,
        kind="eligible",
        value="no",
        valid_from=since,
        valid_until=until,
    )


def test_like_companies_might_order_online_then(session):
    attended(session, company())
    barred_later, barred_then, barred_before = (company() for _ in range(3))
    Account.objects.update(created_at=STARTS - 900 * DAY)
    barred(barred_later, STARTS + 70 * DAY)
    barred(barred_then, STARTS - DAY, STARTS + DAY)
    barred(barred_before, STARTS - 9 * DAY, STARTS - DAY)
    assert like_ids(session) == {barred_later.account_id, barred_before.account_id}


def test_trained_companies_might_order_online_then(session):
    barred_later, barred_then = company(), company()
    for buyer in (barred_later, barred_then):
        attended(session, buyer)
    company()
    Account.objects.update(created_at=STARTS - 900 * DAY)
    barred(barred_later, STARTS + 70 * DAY)
    barred(barred_then, STARTS - DAY, STARTS + DAY)
    compared = found(session).comparison
    assert set(compared.groups.compared) == {barred_later.account_id}
    assert (compared.unlike, compared.pending) == (0, 0)


def test_who_may_not_order_online_now_leaves_funnel_and_costs(session):
    """And is told apart, by name; who might not once, and may now, counts."""
    came, barred_now, never_came, barred_once = (company() for _ in range(4))
    for buyer in (came, barred_now, barred_once):
        attended(session, buyer)
        ordered(buyer, STARTS + 4 * DAY)
    book(session, never_came)
    Account.objects.update(created_at=STARTS - 900 * DAY)
    barred(barred_now, STARTS + 20 * DAY)
    barred(never_came, STARTS + 20 * DAY)
    barred(barred_once, STARTS + 9 * DAY, STARTS + 12 * DAY)
    told = found(session)
    seen = numbers(told)
    assert (seen["told"], seen["attended"], seen["ordered"]) == (2, 2, 2)
    assert seen["barred"] == 2
    (cost,) = told.costs
    assert cost.each == Decimal(150)
    scope = Scope(LATER, session_id=session.pk)
    names = {one.account_id for one in lists.find("barred", scope).companies}
    assert names == {barred_now.account_id, never_came.account_id}
    # What is compared is how they stood then.
    assert told.comparison.trained + told.comparison.unlike == 3
    (line,) = breakdown.page(scope, breakdown.By.SESSION).lines
    assert (line.told, line.booked, line.attended) == (2, 2, 2)
    assert (line.ordered, line.activated) == (2, 2)


def test_a_company_that_came_later_is_no_like_one(session):
    attended(session, company(registered=False))
    new, old, ordering = (company(registered=False) for _ in range(3))
    Account.objects.update(created_at=STARTS - 90 * DAY)
    late = Account.objects.filter(buyers__in=[new, old, ordering])
    late.update(created_at=STARTS + 9 * DAY)
    late.filter(buyers=old).update(customer_since=date(2019, 5, 1))
    orders_offline(ordering, 600)
    assert like_ids(session) == {old.account_id, ordering.account_id}


def test_attendance_put_right_long_after_makes_no_company_its_own_like(session):
    came = company()
    seat = seat_of(book(session, came))
    seats.close(session.pk, by_staff(STARTS + DAY))
    seats.correct(seat, "attended", by_staff(STARTS + 80 * DAY))
    like = company()
    assert like_ids(session) == {like.account_id}


def test_told_is_who_was_told_before_the_session_not_since(session):
    often, in_time, long_ago = company(), company(), company()
    for days in (-200, -150, 10, 20):
        happened(often, "training_told", STARTS + days * DAY)
    for days in (-200, -20, 10):
        happened(in_time, "training_told", STARTS + days * DAY)
    for days in (-200, 1):
        happened(long_ago, "training_told", STARTS + days * DAY)
    assert numbers(found(session))["told"] == 1
    (line,) = breakdown.page(Scope(LATER), breakdown.By.SESSION).lines
    assert line.told == 1
    (told,) = lists.find("told", Scope(LATER, session_id=session.pk)).companies
    assert told.account_id == in_time.account_id


def test_the_file_tells_the_same_days_as_the_page(marketing, session):
    buyer = company()
    attended(session, buyer)
    ordered(buyer, STARTS.replace(hour=23, minute=30))
    settle()
    asked = {"list": "ordered", "session": session.pk}
    file = marketing.get(reverse("training-staff:names-csv"), asked)
    assert b"2026-03-11" in b"".join(file.streaming_content)
    page = marketing.get(reverse("training-staff:names"), asked).content.decode()
    assert "first online order 11" in page


@pytest.mark.parametrize("by", breakdown.By)
def test_a_session_is_named_whatever_is_asked_beside_it(marketing, session, by):
    settle()
    asked = {"session": session.pk, "by": by.value}
    page = marketing.get(reverse("training-staff:results"), asked).content.decode()
    assert "First order, Tue 10 Mar" in page


def test_who_has_no_like_one_is_said_where_nobody_else_came(marketing, session):
    attended(session, company())
    settle()
    page = marketing.get(reverse("training-staff:results")).content.decode()
    assert "1 trained company has no like one and is left out." in page
    assert "list=unlike" in page
    assert "No company came" not in page


def test_two_orders_of_one_evening_are_one_days(session, settings):
    """Midnight is the reader's; on Greenwich's clock each evening had two days."""
    settings.TIME_ZONE = "America/Bogota"
    came, like = company(), company()
    attended(session, came)
    for days in RHYTHMS["monthly"]:
        evening = (STARTS - days * DAY).replace(hour=23, minute=50)
        for buyer, at in ((came, evening), (like, evening), (came, evening + HOUR / 2)):
            happened(
                buyer,
                "ordered",
                at,
                channel="phone",
                amount="10.00",
                currency="EUR",
                document=f"{buyer.pk}-{at}",
            )
    assert like_ids(session) == {like.account_id}
