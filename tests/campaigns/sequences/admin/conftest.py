"""Who works in the admin, and the campaigns they look at."""

import pytest
from django.urls import reverse

from accounts.staff.models import Role
from campaigns.sequences.models import Delivery
from campaigns.sequences.planning import playbooks
from campaigns.sequences.sending import advance
from tests.campaigns.sequences import scenes
from tests.factories import UserFactory


def at(name, *args):
    """The address of a page of campaigns."""
    return reverse(f"admin:sequences_campaign_{name}", args=args)


@pytest.fixture(autouse=True)
def early(monday):
    """Pages tell what is due, late or overdue by the clock: nothing is yet."""


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Publishing tries each message in a process of its own; not what we test here."""
    monkeypatch.setattr("campaigns.messages.trial.run", lambda *_anything: None)


@pytest.fixture
def as_role(client):
    """Log in as somebody of a role; `as_role("analyst")` → the client."""

    def log_in(role):
        user = UserFactory(role=role, name=f"The {role}")
        client.force_login(
            user, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        client.user = user
        return client

    return log_in


@pytest.fixture
def manager(as_role):
    return as_role(Role.MARKETING_MANAGER)


@pytest.fixture
def editor(as_role):
    return as_role(Role.MARKETING_EDITOR)


@pytest.fixture
def draft(db):
    """A draft by the playbook, with three people who would get it."""
    scenes.make_brand()
    scenes.make_people(3)
    return playbooks.apply(playbooks.FIRST_ORDER, "Autumn")


@pytest.fixture
def running(db):
    """A campaign whose first message is planned for three people."""
    scenes.make_people(3)
    campaign = scenes.start(scenes.make_campaign({}, {"wait_days": 3}))
    advance.advance(scenes.MORNING)
    return campaign


def settle(delivery, state, **fields):
    """Take a delivery to its end by the states that lead there."""
    for step in ("claimed", "sending"):
        Delivery.objects.filter(pk=delivery.pk).update(
            state=step, lease_until=scenes.MORNING
        )
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state, lease_until=None, **fields
    )
