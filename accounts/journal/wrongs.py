"""What can be wrong with a reported event: code → sentence."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Mapping[str, Promise] = {
    "missing": _("This field is missing."),
    "unknown_field": _("There is no such field here."),
    "empty": _("This must not be empty."),
    "too_long": _("This is longer than allowed."),
    "not_allowed": _("This is not one of the allowed values."),
    "wrong_type": _("This is of the wrong type."),
    "hidden": _("The value holds hidden signs or line breaks."),
    "amount": _("This is no amount, such as “1249.90”, of at most four decimals."),
    "negative": _("An order cannot be worth less than nothing."),
    "currency": _("This is no currency, such as “EUR”."),
    "instant": _(
        "This is no instant with its offset, such as “2026-11-20T09:41:07+01:00”."
    ),
    "too_early": _("This happened before 1970."),
    "too_late": _("This lies more than a day ahead."),
    "nobody": _("Name the buyer by invitation, external_id or email."),
    "no_account": _("Name the account by its customer number, or an invitation."),
    "unknown_kind": _("Events of this kind are not reported here."),
    "detail_name": _("Names of details are small letters and underscores."),
    "key_conflict": _("This key was reported before with other content, which stands."),
    "document_conflict": _(
        "This document was reported before with another amount, which stands."
    ),
    "unknown_account": _("No account has this number yet. The event waits for it."),
    "ambiguous_account": _(
        "Several accounts could be meant by this number. The event waits."
    ),
    "unknown_invitation": _("There is no such invitation. The event waits for it."),
    "unknown_buyer": _(
        "This buyer is not known in the account yet. The event counts for the account, "
        "and for the buyer once known."
    ),
}

#: What can be wrong with a line of an order list, beside what customers' lists have.
OF_FILES: Mapping[str, Promise] = {
    "document_missing": _("The document number is missing."),
    "date_missing": _("The date is missing."),
    "amount_missing": _("The amount is missing."),
    "document_type_unknown": _(
        "This is neither an order or invoice nor a credit note."
    ),
    "channel_unknown": _("No channel goes by this name."),
    "placed_by_unknown": _("This says neither “customer” nor “on behalf”."),
    "currency_unknown": _("This is no currency, such as “EUR”."),
    "not_a_time": _("This is no time of the day."),
    "order_negative": _("An order cannot be worth less than nothing."),
    "country_several": _(
        "Other lines of this customer name another country; the most frequent counts."
    ),
    **{
        code: SENTENCES[code]
        for code in ("too_early", "too_late", "document_conflict", "unknown_account")
    },
}

#: What the library that checks events calls these.
_CODES = {
    "extra_forbidden": "unknown_field",
    "string_too_short": "empty",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "literal_error": "not_allowed",
    "enum": "not_allowed",
}
#: Where one field has a form of its own, that is what to say.
_OF_FIELD = {"occurred_at": "instant", "currency": "currency"}


def sentence(code: str) -> str:
    return str(SENTENCES.get(code, code))


def problem(field: str, code: str) -> dict[str, str]:
    return {"field": field, "code": code, "message": sentence(code)}


def problems(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """What is wrong with one item, field by field, in our words."""
    return [_problem(error) for error in errors]


def _problem(error: Mapping[str, Any]) -> dict[str, str]:
    # The first part of the path is the kind by which the item was judged.
    path = [str(part) for part in error["loc"][1:]]
    code = str(error["type"])
    if code not in SENTENCES:
        code = _CODES.get(code) or _OF_FIELD.get(path[0] if path else "", "wrong_type")
    return problem(".".join(path)[:100], code)
