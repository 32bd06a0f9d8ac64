"""Self-service figures that wait for somebody to report what they count."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Unreported:
    label: Promise
    formula: Promise
    needs: Promise


UNREPORTED = (
    Unreported(
        _("Order tracking share"),
        _("orders tracked online ÷ orders, per key account"),
        _("Needs the store to report when a customer looks up an order."),
    ),
    Unreported(
        _("Online invoice payment share"),
        _("invoices paid online ÷ invoices paid"),
        _("Needs the ERP to report invoices and the store to report payments."),
    ),
    Unreported(
        _("Invoice-history searches"),
        _("searches per period"),
        _("Needs the store to report searches in the invoice history."),
    ),
    Unreported(
        _("Offline enquiries"),
        _("enquiries per period against the baseline before"),
        _("Needs customer service to report enquiries about orders and invoices."),
    ),
)
