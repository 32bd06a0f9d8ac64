"""The brand as public pages wear it."""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from campaigns.messages import brands, colours
from campaigns.messages.models import Brand

DEFAULT_COLOUR = "#1f4fd8"
#: So much of the brand's colour is in the ground of a quiet mark.
TINT = 0.08


@dataclass(frozen=True, slots=True)
class Look:
    """``ink`` is the brand's colour as readable text; ``on_colour`` is text on it."""

    name: str
    store: str
    email: str
    postal_address: str
    logo: str
    colour: str
    on_colour: str
    ink: str
    tint: str


def of(brand: Brand) -> Look:
    described = brands.describe(brand)
    colour = _valid(brand.colour)
    return Look(
        name=brand.name,
        store=brand.store_name or _("our web store"),
        email=described["reply_to"],
        postal_address=described["postal_address"],
        # Without the host: the page may be open under another name of this server.
        logo=described["logo"].removeprefix(settings.SITE_URL),
        colour=colour,
        on_colour=colours.on(colour),
        ink=colours.for_text(colour),
        tint=_tint(colour),
    )


def default() -> Look:
    """The default brand's; nobody's in particular while there is none."""
    brand = Brand.objects.order_by("-is_default", "pk").first()
    return of(brand or Brand(name=_("Web store")))


def context(request: HttpRequest) -> dict[str, object]:
    """A context processor; a page that shows no brand asks for none."""
    return {"brand": SimpleLazyObject(default)}


def _valid(colour: str) -> str:
    """It goes into a style sheet: six digits, or ours."""
    try:
        colours.validate(colour)
    except ValidationError:
        return DEFAULT_COLOUR
    return colour


def _tint(colour: str) -> str:
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * TINT):02x}" for part in parts)
