"""What a brand puts into mails: plain strings, frozen with each version."""

from django.conf import settings

from . import logos
from .models import Brand


def describe(brand: Brand) -> dict[str, str]:
    """The brand's facts for the frame, the envelope and ``{{ brand.… }}``."""
    return {
        "name": brand.name,
        "sender_name": brand.sender_name,
        "sender_email": brand.sender_email,
        "reply_to": brand.reply_to or brand.sender_email,
        "postal_address": brand.postal_address.replace("\r\n", "\n").strip(),
        "store_name": brand.store_name or brand.name,
        "colour": brand.colour,
        **_describe_logo(brand),
    }


def _describe_logo(brand: Brand) -> dict[str, str]:
    if not brand.logo:
        return {"logo": "", "logo_width": ""}
    content = bytes(brand.logo)
    _kind, width, height = logos.inspect(content)
    shown, _height = logos.shown_size(width, height)
    address = f"{settings.SITE_URL}/brand/{brand.pk}/logo?v={logos.digest(content)}"
    return {"logo": address, "logo_width": str(shown)}
