"""What follows from what a provider reports: once, in any order, where it fits."""

import itertools
from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.consent import suppression
from accounts.consent.models import Choice, Suppression
from accounts.journal import clock
from campaigns.feedback import process
from campaigns.feedback.models import Post, Report
from campaigns.sequences.models import Enrolment, Tally
from tests.campaigns.sequences.scenes import make_campaign, make_people

from .scenes import THEN, complaint, hard, make_sent, postmark, soft

pytestmark = pytest.mark.django_db


def stopped(delivery):
    rows = suppression.active(bytes(delivery.address_hash))
    return {(row.scope, row.reason) for row in rows}


def enrolment(delivery):
    return Enrolment.objects.get(pk=delivery.enrolment_id)


def test_delivered_is_noted_in_the_funnel(sent, take_in):
    take_in("postmark", postmark(sent))
    assert enrolment(sent).delivered_at == THEN
    assert Report.objects.get().kind == "delivered"


def test_an_unknown_message_is_settled_by_any_sign_of_it(take_in, state):
    unknown = make_sent(state="unknown")
    take_in("postmark", postmark(unknown, "Bounce", Type="SoftBounce", ID=1))
    assert state(unknown) == "sent"


def test_a_hard_bounce_gives_the_address_up(sent, take_in, state):
    take_in("postmark", hard(sent))
    assert stopped(sent) == {("all", "bounced")}
    assert state(sent) == "sent"
    assert not Choice.objects.exists()


def test_delivered_after_a_bounce_does_not_revive_the_address(sent, take_in):
    take_in("postmark", hard(sent))
    take_in("postmark", postmark(sent))
    assert stopped(sent) == {("all", "bounced")}


def bounces(buyer, number, take_in, at=THEN):
    for place in range(number):
        delivery = make_sent(buyer=buyer, campaign=make_campaign(state="running"))
        take_in("postmark", soft(delivery, place, BouncedAt=at.isoformat()))
    return delivery


def test_soft_bounces_of_five_messages_give_it_up(take_in, settings):
    (ana,) = make_people(1)
    last = bounces(ana, settings.SOFT_BOUNCES - 1, take_in, at=clock.now())
    assert not stopped(last)
    last = bounces(ana, 1, take_in, at=clock.now())
    assert stopped(last) == {("all", "bounced")}


def test_old_soft_bounces_do_not_count_any_more(take_in, settings):
    (ana,) = make_people(1)
    old = clock.now() - timedelta(days=settings.SOFT_BOUNCE_DAYS + 1)
    bounces(ana, settings.SOFT_BOUNCES - 1, take_in, at=old)
    assert not stopped(bounces(ana, 1, take_in, at=clock.now()))


def test_one_message_that_bounces_often_counts_once(sent, take_in, settings):
    for number in range(settings.SOFT_BOUNCES + 2):
        take_in("postmark", soft(sent, number, BouncedAt=clock.now().isoformat()))
    assert not stopped(sent)


def test_a_complaint_stops_everything_and_no_click_takes_it_back(sent, take_in):
    other = make_sent(buyer=sent.buyer, campaign=make_campaign(state="running"))
    take_in("postmark", complaint(sent))
    assert stopped(sent) == {("marketing", "complained")}
    choice = Choice.objects.get()
    assert (choice.state, choice.delivery_uuid) == ("objected", sent.uuid)
    for one in (sent, other):
        left = enrolment(one)
        assert (left.state, left.exit_reason) == ("exited", "complained")


def test_bounces_and_complaints_count_against_the_campaign_once(sent, take_in):
    for _time in range(2):
        take_in("postmark", hard(sent))
    take_in("postmark", hard(sent, Details="told once more"))
    take_in("postmark", complaint(sent))
    take_in("postmark", soft(sent, 9))
    (tally,) = Tally.objects.filter(campaign_id=sent.campaign_id)
    assert (tally.bounced, tally.complained) == (1, 1)


def test_an_unsubscription_at_the_provider_is_one_here(sent, take_in):
    take_in(
        "postmark",
        postmark(sent, "SubscriptionChange", SuppressionReason="ManualSuppression"),
    )
    # Postmark names the address "Recipient" here.
    body = postmark(
        sent,
        "SubscriptionChange",
        SuppressionReason="ManualSuppression",
        Recipient=sent.email,
        ChangedAt=THEN.isoformat(),
    )
    take_in("postmark", body)
    assert stopped(sent) == {("marketing", "unsubscribed")}


@pytest.mark.parametrize(
    "forged", [{"Metadata": {"delivery": str(uuid4())}}, {"Email": "eve@evil.example"}]
)
@pytest.mark.parametrize("what", [hard, complaint])
def test_what_does_not_fit_is_kept_and_has_no_effect(sent, take_in, forged, what):
    import json

    body = {**json.loads(what(sent)), **forged}
    take_in("postmark", json.dumps(body).encode())
    assert Report.objects.get().delivery is None
    assert not Suppression.objects.exists()
    assert enrolment(sent).state == "active"


def test_a_message_is_known_by_the_providers_id_where_it_keeps_none_of_ours(take_in):
    sent = make_sent(provider_id="883953f4-6105-42a2-a16a-77a8eac79483")
    take_in("postmark", postmark(sent, Metadata={}))
    assert Report.objects.get().delivery_id == sent.pk
    assert enrolment(sent).delivered_at == THEN


def test_a_strangers_message_of_that_id_is_not_touched(take_in):
    sent = make_sent(provider_id="883953f4-6105-42a2-a16a-77a8eac79483")
    take_in("postmark", postmark(sent, Metadata={}, Recipient="eve@evil.example"))
    assert Report.objects.get().delivery is None


def told(sent):
    return [postmark(sent), hard(sent), complaint(sent), soft(sent, 3)]


def picture(sent):
    row = enrolment(sent)
    return (
        stopped(sent),
        (row.state, row.exit_reason, row.delivered_at),
        sorted(Report.objects.values_list("kind", flat=True)),
        Choice.objects.count(),
    )


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_the_order_and_repeats_change_nothing(sent, take_in, order):
    bodies = told(sent)
    for place in (*order, *order, order[0]):
        take_in("postmark", bodies[place])
    assert picture(sent) == (
        {("all", "bounced"), ("marketing", "complained")},
        ("exited", "complained", THEN),
        ["complained", "delivered", "hard", "soft"],
        1,
    )


def test_in_one_batch_they_say_the_same(sent):
    for body in told(sent) * 2:
        Post.objects.create(provider="postmark", body=body)
    process.process(clock.now())
    assert picture(sent)[0] == {("all", "bounced"), ("marketing", "complained")}
    assert Report.objects.count() == 4


def test_without_keys_repeats_would_count(sent, take_in, monkeypatch):
    """The negative control of repeats: with a key of its own each is another one."""
    from campaigns.feedback import matching

    monkeypatch.setattr(matching, "_key", lambda *_one: uuid4().bytes * 2)
    for _time in range(2):
        take_in("postmark", postmark(sent))
    assert Report.objects.count() == 2


def test_what_was_read_is_emptied(sent, take_in):
    take_in("postmark", postmark(sent))
    read = Post.objects.get()
    assert (read.state, bytes(read.body), read.headers) == ("read", b"", {})


def test_a_post_nobody_can_read_is_set_aside_and_read_again_when_asked(sent, take_in):
    take_in("postmark", b"{")
    aside = Post.objects.get()
    assert (aside.state, aside.trouble) == ("aside", "JSONDecodeError")
    assert process.process(clock.now()) == 0
    Post.objects.filter(pk=aside.pk).update(body=postmark(sent))
    assert process.read_again([aside.pk]) == 1
    assert process.process(clock.now()) == 1
    assert enrolment(sent).delivered_at == THEN


def test_one_posts_fault_is_not_its_neighbours(sent, monkeypatch):
    from campaigns.feedback import effects

    real = effects.follow

    def follow(told, at):
        if any(one.news.kind == "hard" for one in told):
            raise ArithmeticError
        real(told, at)

    monkeypatch.setattr(process.effects, "follow", follow)
    for body in (postmark(sent), hard(sent)):
        Post.objects.create(provider="postmark", body=body)
    process.process(clock.now())
    assert sorted(Post.objects.values_list("state", flat=True)) == ["aside", "read"]
    assert enrolment(sent).delivered_at == THEN


def test_a_post_whose_reader_died_is_read_by_another(sent):
    Post.objects.create(
        provider="postmark",
        body=postmark(sent),
        lease_until=clock.now() + timedelta(minutes=4),
    )
    assert process.process(clock.now()) == 0
    assert process.process(clock.now() + timedelta(minutes=5)) == 1


def test_many_reports_take_few_statements(django_assert_max_num_queries):
    people = make_people(20)
    campaign = make_campaign(state="running")
    for one in people:
        delivery = make_sent(buyer=one, campaign=campaign)
        Post.objects.create(provider="postmark", body=postmark(delivery))
    with django_assert_max_num_queries(13):
        process.process(clock.now())
    assert Enrolment.objects.exclude(delivered_at=None).count() == 20


def test_times_from_a_wrong_clock_are_not_in_the_future(sent, take_in):
    take_in("postmark", postmark(sent, DeliveredAt="2099-01-01T00:00:00Z"))
    assert Report.objects.get().occurred_at < clock.now() + timedelta(minutes=6)
