"""On which way an order came, and who placed it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    ONLINE = "online", _("Online")
    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    FAX = "fax", _("Fax")
    EDI = "edi", _("EDI")
    REP = "rep", _("Sales rep")
    COUNTER = "counter", _("Counter")


class PlacedBy(models.TextChoices):
    CUSTOMER = "customer", _("The customer")
    ON_BEHALF = "on_behalf", _("Staff, on the customer's behalf")


#: Where `ChannelMonth` keeps online orders that the customer did not place.
ON_BEHALF = "on_behalf"

LABELS = {
    **dict(Channel.choices),
    ON_BEHALF: _("Online, on the customer's behalf"),
    "": _("Not stated"),
}
