"""What she gets, how often, and whether we may note it: chosen on her page."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from accounts.consent import choices, links, preferences
from accounts.consent.models import Choice, Permission
from accounts.consent.topics import Frequency, Topic
from accounts.customers.models import Buyer

pytestmark = pytest.mark.django_db
ALL = list(Topic.values)


def choose(link, topics=ALL, frequency=0, **fields):
    """As her browser posts the form: without a cookie."""
    data = {"answer": "choose", "topics": topics, "frequency": frequency, **fields}
    return Client(enforce_csrf_checks=True).post(link, data)


def history():
    rows = Choice.objects.order_by("pk")
    return [(row.topic, row.state, row.wording) for row in rows]


def test_who_chose_nothing_gets_everything_and_is_not_tracked(buyer):
    found = preferences.of(buyer)
    assert found.topics == frozenset(ALL)
    assert (found.frequency, found.tracking) == (Frequency.ALL, False)


def test_opening_the_page_shows_it_and_changes_nothing(client, link):
    page = client.get(link).text
    assert page.count('name="topics"') == len(ALL)
    assert page.count(" checked") == len(ALL) + 1
    assert not Choice.objects.exists()


def test_leaving_a_topic_is_kept_with_its_words(buyer, link):
    page = choose(link, [one for one in ALL if one != "training"])
    assert "Your choice is kept" in page.text
    assert history() == [("training", "objected", "Training sessions")]
    assert preferences.of(buyer).topics == frozenset(ALL) - {"training"}
    choose(link)
    assert history()[1:] == [("training", "granted", "Training sessions")]


def test_choosing_the_same_again_is_no_news(link):
    for _time in range(2):
        choose(link, ["store"], 7)
    assert len(history()) == len(ALL)


def test_how_often_is_kept(buyer, link):
    choose(link, frequency=30)
    assert history() == [("frequency", "objected", "At most one a month")]
    assert Permission.objects.get(topic="marketing").every_days == 30
    choose(link, frequency=0)
    assert preferences.of(buyer).frequency == 0


def test_tracking_is_agreed_to_and_taken_back(buyer, link):
    choose(link, tracking="1")
    topic, state, wording = history()[0]
    assert (topic, state) == ("tracking", "granted")
    assert "which messages I open" in wording
    choose(link)
    assert not preferences.of(buyer).tracking


def test_the_words_are_those_of_her_language(link):
    Buyer.objects.update(language="es")
    choose(link, frequency=7)
    assert "semana" in history()[0][2]


@pytest.mark.parametrize("wrong", [{"frequency": 3}, {"topics": ["nonsense"]}])
def test_what_the_page_does_not_offer_is_not_kept(link, wrong):
    page = choose(link, **{"frequency": 0, **wrong})
    assert page.status_code == 200
    assert "Your choice is kept" not in page.text
    assert not Choice.objects.exists()


def test_who_left_altogether_chooses_nothing_and_is_not_brought_back(buyer, link):
    Client().post(link, {"answer": "stop"})
    page = choose(link)
    assert 'name="topics"' not in page.text
    assert choices.standing(buyer).stopped


def test_the_choice_says_by_which_message_it_came(buyer):
    delivery = uuid4()
    url = links.unsubscribe(buyer.uuid, delivery)
    with_delivery = url[url.index("/u/") :]
    choose(with_delivery, ["store"])
    Client().post(with_delivery, {"List-Unsubscribe": "One-Click"})
    Client().post(with_delivery, {"answer": "take_back"})
    assert set(Choice.objects.values_list("delivery_uuid", flat=True)) == {delivery}


def test_an_older_link_that_names_no_message_works_for_ever(link):
    Client().post(link, {"List-Unsubscribe": "One-Click"})
    assert Choice.objects.get().delivery_uuid is None


@pytest.fixture
def chooser(buyer):
    """The path of the link on her page."""
    url = links.preferences(buyer.uuid)
    return url[url.index("/p/") :]


def test_who_came_to_choose_meets_her_choices_first(client, chooser, link):
    page, leaving = client.get(chooser).text, client.get(link).text
    assert page.index('value="choose"') < page.index('value="stop"')
    assert leaving.index('value="stop"') < leaving.index('value="choose"')
    assert page.count("<h1") == leaving.count("<h1") == 1


def test_opening_it_changes_nothing_and_nothing_is_posted_there(client, chooser):
    assert client.get(chooser).status_code == client.head(chooser).status_code == 200
    assert client.post(chooser, {"answer": "stop"}).status_code == 405
    assert not Choice.objects.exists()


def test_what_she_chooses_there_is_kept_and_leaves_her_the_mail(client, chooser, buyer):
    form = client.get(chooser).text
    door = re.search(r'action="([^"]+)"', form)[1]
    answer = client.post(door, {"answer": "choose", "topics": [], "frequency": "30"})
    assert preferences.of(buyer).frequency == 30
    assert not choices.standing(buyer).stopped
    assert answer.status_code == 200


def test_a_stranger_s_link_chooses_nothing(client, db):
    assert client.get("/p/nonsense").status_code == 404
