"""The guard: whoever adds a table or a text says what it holds of a person."""

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import translation

from accounts.consent.privacy import registry
from accounts.consent.privacy.registry import Fate

STAFF = "of people who work here, not of customers"
OURS = "written by marketing for everybody alike"
COMPANY = "of a company, not of a person"
FIGURES = "counts and times without anybody's name"
MACHINES = "of our own programs"

#: Models that hold nothing of a buyer, and why.
NOTHING = {
    "auth.Permission": MACHINES,
    "auth.Group": MACHINES,
    "auth.Group_permissions": MACHINES,
    "contenttypes.ContentType": MACHINES,
    "sessions.Session": "log-ins of staff, for at most twelve hours; buyers have none",
    "account.EmailAddress": STAFF,
    "account.EmailConfirmation": STAFF,
    "mfa.Authenticator": STAFF,
    "staff.User": STAFF,
    "staff.User_groups": STAFF,
    "staff.User_user_permissions": STAFF,
    "staff.UserChange": STAFF,
    "staff.ApiKey": MACHINES,
    "customers.AccountFact": COMPANY,
    "customers.RepCode": STAFF,
    "customers.ImportMapping": "names of columns",
    "customers.StagedAccount": COMPANY,
    "journal.EventInbox": "numbers of events that wait",
    "journal.AccountProgress": COMPANY,
    "journal.ChannelMonth": COMPANY,
    "campaign_messages.Brand": "our own name and address",
    "campaign_messages.Message": OURS,
    "campaign_messages.MessageText": OURS,
    "campaign_messages.MessageVersion": OURS,
    "campaign_messages.VersionText": OURS,
    "campaign_messages.PublishedLink": OURS,
    "campaign_messages.SenderDomain": "our own domains",
    "sequences.Campaign": OURS,
    "sequences.CampaignVersion": OURS,
    "sequences.CampaignAct": "what staff did with a campaign",
    "sequences.Step": OURS,
    "sequences.Queued": "which delivery is due when; the delivery is hers",
    "sequences.Batch": "which deliveries a sender has in hand",
    "sequences.Lane": "limits per provider",
    "sequences.SendingRules": "limits for everybody",
    "sequences.Tally": FIGURES,
    "sequences.SendingAct": "what staff did with the sending",
    "sequences.Heartbeat": MACHINES,
    "sequences.Arming": MACHINES,
    "training.Course": OURS,
    "training.Series": OURS,
    "training.Pool": FIGURES,
    "training.Session": OURS,
    "training.Session_trainers": STAFF,
    "training.CalendarFeed": STAFF,
    "training.Material": OURS,
    "training.MaterialVersion": OURS,
    "feedback.Gateway": "counts per company's domain, made anew from reports hourly",
    "feedback.Bookmark": MACHINES,
}

TEXTS = (
    models.CharField,
    models.TextField,
    models.JSONField,
    models.BinaryField,
    ArrayField,
    models.FileField,
    models.GenericIPAddressField,
)
MODELS = [
    each for each in apps.get_models(include_auto_created=True) if each.__module__
]


def holds_text(field):
    return isinstance(field, TEXTS) and not field.choices


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_model_says_what_it_holds_of_a_person(model):
    held = {each.model for each in registry.registered()}
    label = model._meta.label

    assert (model in held) != (label in NOTHING), (
        f"Say what {label} holds of a person: register a Holding in its app's "
        "privacy.py, or name it in NOTHING with the reason."
    )


def test_nothing_is_excused_that_is_not_there():
    assert set(NOTHING) <= {model._meta.label for model in MODELS}


@pytest.mark.parametrize("label", sorted(NOTHING))
def test_what_leads_to_a_buyer_is_not_excused(label):
    for field in apps.get_model(label)._meta.concrete_fields:
        related = field.related_model._meta.label if field.is_relation else ""
        assert related != "customers.Buyer", f"{label}.{field.name} leads to a buyer."


@pytest.mark.parametrize(
    "holding", registry.registered(), ids=lambda each: each.model._meta.label
)
def test_every_text_goes_or_is_said_to_stay(holding):
    """A column added later is a question to whoever adds it."""
    if holding.goes:
        return
    texts = {f.name for f in holding.model._meta.concrete_fields if holds_text(f)}
    said = {*holding.blank, *holding.keeps}

    assert texts <= said, f"{holding.model._meta.label}: {sorted(texts - said)}?"


@pytest.mark.parametrize(
    "holding", registry.registered(), ids=lambda each: each.model._meta.label
)
def test_columns_that_are_named_are_there(holding):
    names = {field.name for field in holding.model._meta.concrete_fields}
    withheld = {*holding.of_others, *holding.of_company}
    said = {*holding.blank, *holding.keeps, *withheld}

    assert said <= names, f"{holding.model._meta.label}: {sorted(said - names)}?"
    assert not set(holding.blank) & set(holding.keeps)


@pytest.mark.parametrize(
    "holding", registry.registered(), ids=lambda each: each.model._meta.label
)
def test_each_says_to_people_what_becomes_of_it(holding):
    assert str(holding.why).endswith(".")
    assert holding.fate in Fate
    with translation.override("es"):
        spanish = holding.label
    assert holding.called or spanish != str(holding.model._meta.verbose_name_plural), (
        f"Django made up a name for {holding.model._meta.label}: people read it here."
    )


def test_a_model_is_held_once():
    held = registry.registered()[0]

    with pytest.raises(ValueError, match="twice"):
        registry.register(registry.Holding(held.model, "Again."))
