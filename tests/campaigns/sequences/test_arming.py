import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.journal import clock
from campaigns.sequences import arming
from campaigns.sequences.arming import State
from campaigns.sequences.models import Arming, Heartbeat
from campaigns.sequences.sending import heartbeat
from campaigns.sequences.sending.advance import advance
from tests.factories import UserFactory

from .scenes import MONDAY, MORNING, make_campaign, make_people, start

pytestmark = pytest.mark.django_db


def test_a_new_database_does_not_send():
    assert arming.state() is State.DISARMED


def test_a_person_arms_it():
    user = UserFactory()
    arming.arm(user, MONDAY)
    assert arming.is_armed()
    row = Arming.objects.get()
    assert (row.armed_by, row.armed_at) == (user, MONDAY)
    arming.disarm()
    assert not arming.is_armed()


def test_in_another_environment_the_same_disk_does_not_send(settings):
    arming.arm(None, MONDAY)
    settings.ARMING_KEY = "another environment's key, also thirty-two long"
    assert arming.state() is State.DISARMED


def test_a_copy_in_another_cluster_or_database_does_not_send(monkeypatch):
    arming.arm(None, MONDAY)
    # A restored dump brings the row along, but not what its fingerprint is made of.
    find = arming._FIND.replace("system_identifier", "system_identifier + 1")
    monkeypatch.setattr(arming, "_FIND", find)
    assert arming.state() is State.DISARMED


def test_the_row_of_one_installation_is_no_use_to_another():
    arming.arm(None, MONDAY)
    assert bytes(Arming.objects.get().fingerprint) != b""
    with connection.cursor() as cursor:
        cursor.execute("SELECT fingerprint FROM sequences_arming")
        (stored,) = cursor.fetchone()
    assert len(bytes(stored)) == 32


def test_two_installations_that_see_each_other_both_stop(settings):
    at = clock.now()
    arming.arm(None, at)
    heartbeat.beat("dispatcher", "here", at)
    assert arming.is_armed()
    settings.ARMING_KEY = "another environment's key, also thirty-two long"
    arming.arm(None, at)
    assert arming.state() is State.CONTESTED
    heartbeat.beat("dispatcher", "there", at)
    settings.ARMING_KEY = "yet another key of thirty-two characters!"
    assert arming.state() is State.CONTESTED
    Heartbeat.objects.update(at=at - arming.ALIVE - timedelta(seconds=1))
    assert arming.state() is State.DISARMED


def test_a_heartbeat_says_which_installation_without_its_key(settings):
    heartbeat.beat("dispatcher", "here", MONDAY)
    row = Heartbeat.objects.get()
    assert row.installation == arming.installation()
    assert settings.ARMING_KEY not in row.installation


def test_instances_long_gone_are_forgotten():
    heartbeat.beat("dispatcher", "old", MONDAY)
    heartbeat.beat("worker", "other part", MONDAY)
    heartbeat.beat("dispatcher", "new", MONDAY + timedelta(days=2))
    names = Heartbeat.objects.values_list("instance", flat=True)
    assert set(names) == {"new", "other part"}


def test_the_overdue_are_counted_before_anybody_decides(monkeypatch, capsys):
    make_people(3)
    start(make_campaign())
    advance(MORNING)
    arming.disarm()
    monkeypatch.setattr(clock, "now", lambda: MORNING)
    monkeypatch.setattr("builtins.input", lambda _text: "no")
    with pytest.raises(CommandError):
        call_command("arm")
    assert not arming.is_armed()
    assert "3 messages are overdue" in capsys.readouterr().out
    answers = iter(["newest", "send"])
    monkeypatch.setattr("builtins.input", lambda _text: next(answers))
    call_command("arm", by=UserFactory().email)
    assert arming.is_armed()


def test_the_command_refuses_strangers_and_contested_databases(settings):
    with pytest.raises(CommandError, match="Nobody"):
        call_command("arm", by="eve@evil.example", yes=True)
    heartbeat.beat("dispatcher", "there", clock.now())
    settings.ARMING_KEY = "another environment's key, also thirty-two long"
    with pytest.raises(CommandError, match="Another installation"):
        call_command("arm", yes=True)


def test_the_command_disarms(capsys):
    arming.arm(None, MONDAY)
    call_command("arm", disarm=True)
    assert not arming.is_armed()


def test_no_secret_of_it_is_in_a_statement(settings, django_assert_num_queries):
    with django_assert_num_queries(1) as queries:
        arming.state()
    assert settings.ARMING_KEY not in queries[0]["sql"]


def test_the_command_is_there():
    done = subprocess.run(
        [sys.executable, "manage.py", "help", "arm"],
        capture_output=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=False,
    )
    assert b"Lets this database send" in done.stdout
