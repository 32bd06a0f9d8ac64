"""The brand: sender, look and logo."""

import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.messages import brands, colours, logos
from campaigns.messages.models import Brand

from .mails import BRAND, templates


def png(width=120, height=40):
    def chunk(kind, data):
        whole = kind + data
        return (
            struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))
        )

    rows = b"".join(b"\x00" + b"\x00" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


GIF = b"GIF89a" + struct.pack("<HH", 30, 20) + b"\x00" * 20
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
    + b"\x00" * 9
    + b"\xff\xc0\x00\x11\x08"
    + struct.pack(">HH", 20, 30)
    + b"\x00" * 20
)


def form(**fields):
    return {
        "name": "Norte, S.L.",
        "sender_name": "Norte",
        "sender_email": "a@norte.example",
        "reply_to": "",
        "postal_address": "C/ Mayor 1",
        "colour": "#0a7d4f",
        "store_name": "Tienda",
        "languages": ["es", "en"],
    } | fields


ADD = "admin:campaign_messages_brand_add"
CHANGE = "admin:campaign_messages_brand_change"


def test_a_logo_is_taken_and_served_to_everybody(manager, client):
    upload = SimpleUploadedFile("logo.png", png(), "image/png")
    manager.post(reverse(ADD), form(upload=upload))
    brand = Brand.objects.get()
    assert brand.logo_type == "image/png"
    answer = client.get(f"/brand/{brand.pk}/logo")
    assert answer["Content-Type"] == "image/png"
    assert answer.content == png()
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "public" in answer["Cache-Control"]


def test_a_logo_can_be_removed(manager):
    upload = SimpleUploadedFile("logo.png", png(), "image/png")
    manager.post(reverse(ADD), form(upload=upload))
    brand = Brand.objects.get()
    manager.post(reverse(CHANGE, args=[brand.pk]), form(remove_logo="on"))
    brand.refresh_from_db()
    assert brand.logo is None


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a",
        b"not a picture",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 40,
        b"<html>" * 10,
    ],
)
def test_what_mail_programs_do_not_show_is_refused(manager, content):
    upload = SimpleUploadedFile("logo.png", content, "image/png")
    page = manager.post(reverse(ADD), form(upload=upload))
    assert page.status_code == 200
    assert "PNG, JPEG or GIF" in page.content.decode()
    assert not Brand.objects.exists()


def test_a_large_logo_is_refused(manager):
    content = png() + b"\x00" * logos.SIZE_LIMIT
    upload = SimpleUploadedFile("logo.png", content, "image/png")
    page = manager.post(reverse(ADD), form(upload=upload))
    assert "larger than 200 kB" in page.content.decode()


@pytest.mark.parametrize(
    ("content", "measured"),
    [
        (png(120, 40), ("image/png", 120, 40)),
        (GIF, ("image/gif", 30, 20)),
        (JPEG, ("image/jpeg", 30, 20)),
    ],
)
def test_pictures_are_measured(content, measured):
    assert logos.inspect(content) == measured


@pytest.mark.parametrize("size", [(0, 10), (5_000, 10)])
def test_pictures_of_absurd_size_are_refused(size):
    with pytest.raises(ValidationError):
        logos.inspect(png(*size) if size[0] else png(1, 1)[:16] + b"\x00" * 30)


def test_logos_are_made_smaller_never_larger():
    assert logos.shown_size(1000, 100) == (200, 20)
    assert logos.shown_size(100, 480) == (10, 48)
    assert logos.shown_size(20, 10) == (20, 10)


def test_the_mail_shows_the_logo_from_our_own_address(brand, settings):
    brand.logo, brand.logo_type = png(), "image/png"
    brand.save()
    described = brands.describe(brand)
    prefix = f"{settings.SITE_URL}/brand/{brand.pk}/logo?v="
    assert described["logo"].startswith(prefix)
    html = templates(brand=BRAND | described).html
    assert described["logo"] in html
    assert 'alt="Norte, S.L."' in html


def test_no_logo_is_not_found(client, brand):
    assert client.get(f"/brand/{brand.pk}/logo").status_code == 404
    assert client.get("/brand/999999/logo").status_code == 404
    assert client.post(f"/brand/{brand.pk}/logo").status_code == 405


def test_one_brand_is_the_default(manager, brand):
    manager.post(reverse(ADD), form(name="Other", is_default="on"))
    brand.refresh_from_db()
    assert not brand.is_default
    assert Brand.objects.get(is_default=True).name == "Other"


@pytest.mark.parametrize(
    "fields",
    [
        {"colour": "red"},
        {"colour": "#12345"},
        {"colour": "#fff;background:url(x)"},
        {"sender_name": "https://evil.example"},
        {"sender_email": "a@b@c"},
        {"reply_to": "=?utf-8?q?a?=@b.example"},
        {"postal_address": ""},
        {"languages": []},
        {"languages": ["xx"]},
    ],
)
def test_what_no_mail_may_carry_is_refused(manager, fields):
    assert manager.post(reverse(ADD), form(**fields)).status_code == 200
    assert not Brand.objects.exists()


def test_analysts_do_not_touch_the_brand(analyst, brand):
    assert analyst.get(reverse(CHANGE, args=[brand.pk])).status_code == 403
    assert analyst.post(reverse(ADD), form()).status_code == 403


@pytest.mark.parametrize(
    "colour", ["#000000", "#ffffff", "#1f4fd8", "#ffd400", "#808080", "#0a7d4f"]
)
def test_buttons_and_links_can_be_read_in_any_colour(colour):
    assert colours.contrast(colour, colours.on(colour)) >= colours.READABLE
    for ground in (colours.WHITE, "#1b232c"):
        text = colours.for_text(colour, ground)
        assert colours.contrast(text, ground) >= colours.READABLE


def test_contrast_is_measured_as_wcag_does():
    assert round(colours.contrast("#000000", "#ffffff"), 1) == 21
    assert round(colours.contrast("#777777", "#ffffff"), 2) == 4.48
