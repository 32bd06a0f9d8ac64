"""The frame around every message: our design, the brand's colour, the footer.

MJML and the CSS inliner see only the frame and words that stand for Liquid.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import css_inline
import mjml
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from . import colours
from .models import Purpose

TEMPLATE = "mail/frame.mjml"
_DARK_CARD = "#1b232c"


@dataclass(frozen=True, slots=True)
class Footer:
    """The footer's sentences; *leave* is empty where a mail offers no leaving."""

    why: str
    leave: str
    link: str


def footer(language: str, purpose: str, brand: str, account: str, link: str) -> Footer:
    """The footer in *language*; *account* and *link* stand for Liquid."""
    with translation.override(language):
        if purpose == Purpose.SERVICE:
            why = _(
                "%(brand)s sends you this service message in connection with your "
                "company's account. It is sent even to those who get no commercial "
                "messages from us."
            )
            return Footer(why % {"brand": brand}, "", "")
        why = _("%(brand)s sends you this message because %(account)s is a customer.")
        return Footer(
            why % {"account": account, "brand": brand},
            _("Receive no more commercial messages"),
            link,
        )


def wrap(
    body: str, *, language: str, brand: Mapping[str, str], foot: Footer, preheader: str
) -> str:
    """Return the whole mail's HTML around *body*, its CSS inlined."""
    # MJML need not read the body: a word stands for it until the inliner's turn.
    stand_in = "bodystandsherequiet"
    colour = brand["colour"]
    source = render_to_string(
        TEMPLATE,
        {
            "body": stand_in,
            "brand": brand,
            "footer": foot,
            "language": language,
            "preheader": preheader,
            "title": brand["name"],
            "colours": {
                "ink": colours.INK,
                "on_brand": colours.on(colour),
                "link": colours.for_text(colour),
                "link_on_dark": colours.for_text(colour, _DARK_CARD),
            },
        },
    )
    # Without `fonts` the compiler has readers' programs load some from a third party.
    html = mjml.mjml2html(source, fonts={})
    return _inliner().inline(html.replace(stand_in, body))


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
