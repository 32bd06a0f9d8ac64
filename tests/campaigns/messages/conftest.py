"""A brand, a message in both languages, and people who may or may not touch them."""

import pytest
from django.test import Client

from accounts.staff.models import Role
from campaigns.messages.models import Brand, Message, MessageText
from tests.factories import AccountFactory, BuyerFactory, UserFactory

from .mails import BODY

SENTENCE = "Hello {{ buyer.first_name }}, [come in]({{ links.store }})."


def make_message(brand, body=SENTENCE, **fields):
    fields = {"name": "Welcome", "purpose": "marketing"} | fields
    message = Message.objects.create(brand=brand, **fields)
    for language, subject in (("en", "Welcome"), ("es", "¡Bienvenida!")):
        MessageText.objects.create(
            message=message,
            language=language,
            subject=f"{subject}, {{{{ buyer.first_name }}}}",
            preheader="{{ account.name }}",
            body=body,
        )
    return message


@pytest.fixture
def brand(db):
    return Brand.objects.create(
        name="Norte, S.L.",
        sender_name="Norte Pedidos",
        sender_email="pedidos@norte.example",
        postal_address="C/ Mayor 1\n50001 Zaragoza",
        store_name="Tienda Norte",
        is_default=True,
    )


@pytest.fixture
def message(brand):
    return make_message(brand)


@pytest.fixture
def long_message(brand):
    # `order.lines` is nobody's placeholder: only the rest of the shared body.
    return make_message(brand, BODY.partition("{% for")[0])


@pytest.fixture
def buyer(db):
    rep = UserFactory(name="Luis Pérez", role=Role.SALES_REP, phone="976 000 000")
    account = AccountFactory(name="Talleres Ebro S.L.", number="10042", rep=rep)
    return BuyerFactory(account=account, first_name="Ana", last_name="García")


def client_for(role, **fields):
    client = Client()
    client.force_login(UserFactory(role=role, **fields))
    return client


@pytest.fixture
def editor(db):
    return client_for(Role.MARKETING_EDITOR, email="eva@norte.example", name="Eva")


@pytest.fixture
def administrator(db):
    return client_for(Role.ADMINISTRATOR)


@pytest.fixture
def manager(db):
    return client_for(Role.MARKETING_MANAGER)


@pytest.fixture
def analyst(db):
    return client_for(Role.ANALYST)


@pytest.fixture
def rep(db):
    return client_for(Role.SALES_REP)
