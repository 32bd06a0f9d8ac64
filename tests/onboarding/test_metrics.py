"""/metrics: the figures of the page, for whoever brings the token."""

import pytest

from accounts.journal import clock
from campaigns.sequences import arming
from campaigns.sequences.brakes import lanes, tallies
from campaigns.sequences.results import live
from onboarding import metrics

pytestmark = pytest.mark.django_db

TOKEN = "a token of more than sixteen"


@pytest.fixture
def token(settings):
    settings.METRICS_TOKEN = TOKEN
    return {"Authorization": f"Bearer {TOKEN}"}


def values(text):
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return dict(line.rsplit(" ", 1) for line in lines)


def test_without_a_token_in_the_settings_there_is_no_page(client):
    assert client.get("/metrics").status_code == 404


@pytest.mark.parametrize("brought", ["", "Bearer ", "Bearer wrong", TOKEN, "Bearer ñ"])
def test_without_the_token_nobody_reads_it(client, token, brought):
    answer = client.get("/metrics", headers={"Authorization": brought})
    assert answer.status_code == 401
    assert b"onboarding_" not in answer.content


def test_they_are_the_figures_of_the_page(client, token):
    at = clock.now()
    arming.arm(None, at)
    lanes.make("brevo")
    tallies.write("brevo", {(0, "sent"): 4, (0, "failed"): 1}, at)
    answer = client.get("/metrics", headers=token)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    assert answer["Cache-Control"] == "no-store"
    found, shown = values(answer.content.decode()), live.read(at)
    assert found["onboarding_armed"] == "1"
    assert float(found["onboarding_due"]) == shown.due
    assert found['onboarding_last_hour{provider="brevo",fate="sent"}'] == "4"
    assert found['onboarding_provider_open{provider="brevo"}'] == "1"
    assert found['onboarding_alive{part="dispatcher"}'] == "0"


def test_every_metric_is_explained_and_well_formed(client, token):
    lanes.make('a "strange\\ one')
    text = metrics.write(live.read(clock.now()))
    assert text.endswith("\n")
    named = {line.split("{")[0].split(" ")[0] for line in values(text)}
    for name in named:
        assert f"# HELP {name} " in text
        assert f"# TYPE {name} gauge" in text
    assert r'provider="a \"strange\\ one"' in text


def test_it_says_nothing_about_people_or_campaigns(client, token):
    text = client.get("/metrics", headers=token).content.decode()
    assert "campaign=" not in text
    assert "@" not in text
