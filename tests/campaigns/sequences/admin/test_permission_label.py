"""What the permission to send is called, where it was made under its old name."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission

migration = import_module("campaigns.sequences.migrations.0011_send_campaign_label")
pytestmark = pytest.mark.django_db


def label():
    return Permission.objects.get(codename="send_campaign").name


def test_it_says_that_one_may_change_and_can_be_taken_back():
    Permission.objects.filter(codename="send_campaign").update(name=migration.OLD)

    migration.rename(apps, None)
    renamed = label()
    migration.rename_back(apps, None)

    assert (renamed, label()) == (migration.NEW, migration.OLD)


def test_a_name_that_somebody_gave_it_stays():
    Permission.objects.filter(codename="send_campaign").update(name="Our own words")

    migration.rename(apps, None)

    assert label() == "Our own words"
