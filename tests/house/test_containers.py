"""compose.yaml and the Dockerfile name what exists."""

import re

import pytest
import yaml
from django.conf import settings

from onboarding.supervisor.parts import list_parts

ROOT = settings.BASE_DIR
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PARTS = {
    part.name: part for part in list_parts(ROOT, host="127.0.0.1", port=8000, threads=8)
}


def test_every_part_that_up_starts_has_its_container():
    assert set(PARTS) <= set(COMPOSE["services"])


@pytest.mark.parametrize("name", ["worker", "jobs"])
def test_a_worker_listens_to_the_same_queues_in_both(name):
    command = PARTS[name].command
    assert f"-Q {command[command.index('-Q') + 1]} " in (
        COMPOSE["services"][name]["command"] + " "
    )


def test_somebody_listens_to_every_queue():
    heard = {
        queue
        for part in PARTS.values()
        if "-Q" in part.command
        for queue in part.command[part.command.index("-Q") + 1].split(",")
    }
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert routed | {settings.CELERY_TASK_DEFAULT_QUEUE} <= heard


def test_the_image_copies_folders_that_exist_and_that_it_is_given():
    copied = set(re.findall(r"^COPY (?!--from)(\S+) ", DOCKERFILE, re.MULTILINE))
    let_through = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    assert copied == let_through
    assert not [name for name in copied if not (ROOT / name).exists()]


def test_the_image_does_not_run_as_root():
    assert re.search(r"^USER [1-9]\d*$", DOCKERFILE, re.MULTILINE)


def test_only_this_machine_reaches_what_is_published():
    for name, service in COMPOSE["services"].items():
        for published in service.get("ports", []):
            assert published.startswith("${BIND:-127.0.0.1}:"), name


@pytest.mark.parametrize("name", sorted(set(COMPOSE["services"]) - {"database"}))
def test_a_container_holds_no_rights_it_does_not_need(name):
    service = COMPOSE["services"][name]
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True
    assert "no-new-privileges:true" in service["security_opt"]


def test_broker_and_cache_ask_for_a_password():
    for name in ("broker", "cache"):
        assert "--requirepass" in COMPOSE["services"][name]["command"]
    web = COMPOSE["services"]["web"]["environment"]
    for address in ("REDIS_URL", "CACHE_URL"):
        assert "${BROKER_PASSWORD:?" in web[address]
