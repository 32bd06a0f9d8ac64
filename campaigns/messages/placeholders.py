"""The placeholders that messages may use, each with a label and a sample value.

Floors above add theirs in their ``AppConfig.ready``, such as ``links.invitation``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Label = str | Promise


@dataclass(frozen=True, slots=True)
class Placeholder:
    """``{{ name }}`` in messages; *sample* is a value, or what makes one."""

    name: str
    label: Label
    sample: Any
    #: What it is about, for the palette; where it is empty, the palette knows.
    about: Label = ""

    @property
    def is_link(self) -> bool:
        return self.name.startswith("links.")

    @property
    def group(self) -> str:
        return self.name.split(".", 1)[0]

    def show(self) -> Any:
        return self.sample() if callable(self.sample) else self.sample


_registered: dict[str, Placeholder] = {}


def register(
    name: str, label: Label, sample: Any | Callable[[], Any], about: Label = ""
) -> None:
    """Offer ``{{ name }}`` ("group.name") to messages; *about* entitles its group."""
    group, dot, rest = name.partition(".")
    if not (dot and group.isidentifier() and rest.isidentifier()):
        raise ValueError(f"“{name}” is not of the form group.name.")
    _registered[name] = Placeholder(name, label, sample, about)


def known() -> dict[str, Placeholder]:
    """Every registered placeholder by name, in the order of registration."""
    return dict(_registered)


def sample() -> dict[str, dict[str, Any]]:
    """A context with a value for every placeholder."""
    context: dict[str, dict[str, Any]] = {}
    for placeholder in _registered.values():
        name = placeholder.name.partition(".")[2]
        context.setdefault(placeholder.group, {})[name] = placeholder.show()
    return context


register("buyer.first_name", _("Buyer's first name"), "Ana")
register("buyer.last_name", _("Buyer's last name"), "García")
register("buyer.full_name", _("Buyer's full name"), "Ana García")
register("buyer.email", _("Buyer's e-mail address"), "ana@example.com")
register("buyer.language", _("Buyer's language (es, en)"), "en")
register("account.name", _("Company name"), "Suministros Ejemplo, S.L.")
register("account.number", _("Customer number"), "10042")
register("account.city", _("City"), "Zaragoza")
register("account.country", _("Country (two letters)"), "ES")
register("rep.name", _("Sales rep's name"), "Luis Pérez")
register("rep.email", _("Sales rep's e-mail address"), "luis@example.com")
register("rep.phone", _("Sales rep's phone"), "+34 976 000 000")
register("brand.name", _("Our company's name"), "Example Ltd")
register("brand.store_name", _("Web store's name"), "Example Store")
register("brand.sender_name", _("Sender's name"), "Example")
register("brand.sender_email", _("Sender's address"), "hello@example.com")
register("brand.postal_address", _("Our postal address"), "1 Example Street")
register("campaign.name", _("Campaign's name"), "Spring")
register("links.store", _("Link to the web store"), lambda: settings.STORE_URL)
register(
    "links.unsubscribe",
    _("Link to leave the mailing"),
    lambda: f"{settings.SITE_URL}/u/sample",
)
