"""Rows for tests: each factory makes the smallest valid one."""

from datetime import UTC, datetime

import factory
from factory.django import DjangoModelFactory

from accounts.consent.models import Permission
from accounts.customers.models import Account, Buyer
from accounts.staff.models import Role, User

LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"staff{n}@distributor.example")
    name = factory.Sequence(lambda n: f"Staff {n}")
    role = Role.MARKETING_MANAGER
    language = "en"


class AccountFactory(DjangoModelFactory):
    class Meta:
        model = Account

    number = factory.Sequence(lambda n: f"C{n:05d}")
    name = factory.Sequence(lambda n: f"Company {n} Ltd")
    country = "ES"
    time_zone = "Europe/Madrid"


class BuyerFactory(DjangoModelFactory):
    """A buyer with a distinct address; not permitted to be written to."""

    class Meta:
        model = Buyer

    account = factory.SubFactory(AccountFactory)
    first_name = "Ana"
    last_name = factory.Sequence(lambda n: f"Buyer{n}")
    email = factory.Sequence(lambda n: f"buyer{n}@company.example")
    language = "en"


class PermissionFactory(DjangoModelFactory):
    class Meta:
        model = Permission

    buyer = factory.SubFactory(BuyerFactory)
    allowed = True
    chosen = False
    basis = "existing_customer"
    since = LONG_AGO
