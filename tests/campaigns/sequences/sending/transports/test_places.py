"""Not more connections to a mail server at a time than it likes."""

import os

import pytest

from campaigns.sequences.models import Delivery
from campaigns.sequences.sending.advance import advance
from campaigns.sequences.sending.deliver import BUSY, deliver
from campaigns.sequences.sending.transports import Busy, Unreachable, make
from campaigns.sequences.sending.transports.places import Places
from tests.campaigns.sequences.scenes import (
    MORNING,
    make_campaign,
    make_people,
    make_worker,
    start,
)
from tests.support.smtp_sink import HANG_UP

from .test_smtp import do


def test_so_many_places_and_no_more(tmp_path):
    ana, ben, eva = (Places(tmp_path, "mail.example-587", 2) for _ in range(3))
    ana.take()
    ben.take()
    with pytest.raises(Busy):
        eva.take()
    ana.leave()
    eva.take()


def test_who_has_a_place_does_not_take_another(tmp_path):
    ana, ben = (Places(tmp_path, "mail.example-587", 2) for _ in range(2))
    ana.take()
    ana.take()
    ben.take()


def test_servers_have_places_of_their_own(tmp_path):
    for server in ("mail.example-587", "other.example-587"):
        Places(tmp_path, server, 1).take()


def test_whoever_dies_gives_his_place_back(tmp_path):
    pid = os.fork()
    if not pid:
        Places(tmp_path, "mail.example-587", 1).take()
        os._exit(0)
    os.waitpid(pid, 0)
    Places(tmp_path, "mail.example-587", 1).take()


def test_whoever_cannot_connect_gives_his_place_back(smtp, settings):
    settings.MAIL_CONNECTIONS = 1
    unlucky, other = make(), make()
    smtp.tricks.append(do("CONNECT", HANG_UP))
    with pytest.raises(Unreachable):
        unlucky.open()
    other.open()
    other.close()


@pytest.mark.django_db
def test_without_a_place_nothing_is_claimed_and_nothing_is_lost(
    smtp, spool_folder, settings
):
    settings.MAIL_CONNECTIONS = 1
    make_people(2)
    start(make_campaign())
    advance(MORNING)
    one, other = (make_worker(spool_folder, make(), name) for name in "ab")
    one.transport.open()
    assert deliver(MORNING, worker=other).trouble == BUSY
    assert set(Delivery.objects.values_list("state", flat=True)) == {"planned"}
    one.transport.rest()
    assert deliver(MORNING, worker=other).states == {"sent": 2}
    assert deliver(MORNING, worker=one).trouble == ""
    one.close()
    other.close()
