"""What the stand-in store sells. All of it is made up."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Article:
    """``picture`` names a symbol of static/public/goods.svg."""

    number: str
    name: Promise
    unit: Promise
    price: Decimal
    picture: str

    @property
    def price_text(self) -> str:
        return money(self.price)


def _article(
    number: str, name: Promise, unit: Promise, price: str, picture: str
) -> Article:
    return Article(number, name, unit, Decimal(price), picture)


GOODS = (
    _article(
        "A-1004", _("Cardboard boxes, 40 × 30 cm"), _("pack of 25"), "18.90", "box"
    ),
    _article("A-1010", _("Packing tape, quiet"), _("6 rolls"), "11.40", "roll"),
    _article("B-2001", _("Work gloves, size 9"), _("12 pairs"), "26.50", "glove"),
    _article("B-2015", _("Safety glasses, clear"), _("each"), "7.95", "glasses"),
    _article("C-3002", _("All-purpose cleaner"), _("5 litres"), "14.20", "bottle"),
    _article("C-3040", _("Paper towels, two-ply"), _("pack of 6"), "21.60", "roll"),
    _article("D-4001", _("Screwdriver set, 8 pieces"), _("set"), "32.00", "tool"),
    _article("D-4107", _("LED lamp, 60 cm"), _("each"), "12.75", "lamp"),
)


def money(amount: Decimal) -> str:
    """As people of the page's language write it."""
    shown = number_format(amount, decimal_pos=2, use_l10n=True, force_grouping=True)
    return gettext("€%(amount)s") % {"amount": shown}
