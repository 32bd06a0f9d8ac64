"""A mail as its server got it, followed link by link, down to the figures."""

import email
import email.policy
import re
from datetime import timedelta

import pytest

from accounts.journal import clock
from campaigns.feedback import figures, process
from campaigns.feedback.figures import Counts
from campaigns.feedback.models import Post
from campaigns.messages import measured
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import deliver
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_message,
    make_people,
    start,
)

from .test_measuring import agree

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/140.0"
TEXT = "[The store]({{ links.store }}), [news](https://news.example/a?b=1&c=2)."


def follow(client, html, pattern, agent=BROWSER):
    (path,) = re.findall(pattern, html)
    return client.get(path, headers={"User-Agent": agent})


def test_from_the_mail_to_the_figures(client, worker, smtp, settings):
    measured.compiled.cache_clear()
    people = make_people(2)
    for buyer in people:
        agree(buyer)
    campaign = start(make_campaign({"message": make_message(text=TEXT)}, measures=True))
    advance(MORNING)
    assert deliver(MORNING, worker=worker).sent == 2
    one, other = (
        email.message_from_bytes(mail.raw, policy=email.policy.default)
        .get_body(("html",))
        .get_content()
        for mail in smtp.mails
    )
    site = re.escape(settings.SITE_URL)
    pixel, trap = rf'src="{site}(/m/[^"]+\.gif)"', rf'href="{site}(/m/[^"]+)" aria'
    news = rf'href="{site}(/m/[^"]+)"[^>]*>news<'

    answer = follow(client, one, news)
    assert answer["Location"] == "https://news.example/a?b=1&c=2"
    store = follow(client, one, rf'href="{site}(/m/[^"]+)"[^>]*>The store<')
    assert store["Location"] == settings.STORE_URL
    assert follow(client, one, pixel)["Content-Type"] == "image/gif"
    assert follow(client, other, trap).status_code == 200
    assert follow(client, other, pixel).status_code == 200

    # A day later than they were sent.
    Post.objects.update(received_at=MORNING + timedelta(days=1))
    process.process(clock.now())
    assert figures.total(figures.by_step(campaign).values()) == Counts(
        sent=2,
        measured=2,
        opened=1,
        opened_by_machines=1,
        clicked=1,
        clicked_by_machines=1,
    )
