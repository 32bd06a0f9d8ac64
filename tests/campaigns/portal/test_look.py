"""The brand as public pages wear it."""

import pytest

from campaigns.messages import colours
from campaigns.messages.models import Brand
from campaigns.portal import look


@pytest.mark.parametrize("colour", ["#1f4fd8", "#ffe600", "#ffffff", "#000000"])
def test_every_colour_can_be_read(colour):
    worn = look.of(Brand(name="Acme", colour=colour))
    assert colours.contrast(worn.colour, worn.on_colour) >= 4.5
    assert colours.contrast(worn.ink, "#ffffff") >= 4.5


@pytest.mark.parametrize("colour", ["red", "#fff", "#1f4fd8}body{display:none"])
def test_what_is_no_colour_never_reaches_the_style_sheet(colour):
    assert look.of(Brand(name="Acme", colour=colour)).colour == look.DEFAULT_COLOUR


@pytest.mark.django_db
def test_the_default_brand_is_worn():
    Brand.objects.create(name="Other", sender_email="a@other.example")
    Brand.objects.create(
        name="Acme", sender_email="a@acme.example", store_name="Shop", is_default=True
    )
    worn = look.default()
    assert (worn.name, worn.store, worn.email) == ("Acme", "Shop", "a@acme.example")


@pytest.mark.django_db
def test_without_any_brand_pages_still_have_words():
    assert look.default().name
    assert look.default().store
