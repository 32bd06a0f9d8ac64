"""Marketing, a trainer and a stranger at the admin's pages of training."""

import pytest
from django.test import Client

from accounts.journal import clock
from accounts.staff.models import Role
from tests.campaigns.training.pages.conftest import Clock
from tests.campaigns.training.scenes import make_session
from tests.factories import UserFactory


@pytest.fixture
def now(monkeypatch):
    told = Clock()
    monkeypatch.setattr(clock, "now", told)
    return told


def client_of(role, **fields):
    client = Client()
    client.user = UserFactory(role=role, **fields)
    client.force_login(client.user)
    return client


@pytest.fixture
def manager(db):
    return client_of(Role.MARKETING_MANAGER)


@pytest.fixture
def trainer(db):
    return client_of(Role.TRAINER, name="Teo Trainer")


@pytest.fixture
def hers(trainer):
    """A session that the trainer gives."""
    session = make_session(capacity=5)
    session.trainers.add(trainer.user)
    return session
