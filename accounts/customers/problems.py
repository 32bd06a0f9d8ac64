"""Everything that can be wrong with a file, a line or a value: code → sentence.

Codes are what is stored and what the API answers; sentences are for people.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ADDRESS: Mapping[str, Promise] = {
    "address_empty": _("There is no address."),
    "address_no_at": _("This is no e-mail address: the @ is missing."),
    "address_several_at": _(
        "There is more than one @; separate addresses with a semicolon."
    ),
    "address_local_empty": _("Nothing stands before the @."),
    "address_local_not_ascii": _(
        "Letters with accents before the @ are not accepted by most mail servers."
    ),
    "address_local_long": _("More than 64 characters stand before the @."),
    "address_local_signs": _("A sign before the @ is not allowed in an address."),
    "address_long": _("The address has more than 254 characters."),
    "address_dots": _("Before the @, a dot stands first, last or beside another dot."),
    "address_quoted": _("Addresses in quotation marks are not accepted."),
    "address_encoded_word": _(
        "“=?” before the @ could hide another address and is not accepted."
    ),
    "address_display_name": _("Only the address itself belongs here, without a name."),
    "address_hidden": _("The address holds hidden signs or line breaks."),
    "address_trailing_dot": _("The address ends with a dot."),
    "address_literal": _("A number in brackets is not accepted as a domain."),
    "address_domain": _("What stands after the @ is no domain name."),
    "address_domain_reserved": _("This domain is reserved and gets no mail."),
    "address_lookalike": _(
        "The domain mixes letters that look alike; please type it again."
    ),
}

FILE: Mapping[str, Promise] = {
    "file_empty": _("The file is empty."),
    "file_header_only": _("The file has a header and no lines below it."),
    "file_too_big": _("The file is bigger than 20 MB. Please split it."),
    "file_not_text": _(
        "This is no text file: it holds NUL bytes. Export it as CSV or XLSX."
    ),
    "file_encoding": _(
        "This line cannot be read in the chosen encoding. Choose another one, or "
        "save the file as UTF-8."
    ),
    "file_line_too_long": _("This line is longer than any customer list needs."),
    "file_quotes": _(
        'A quotation mark opens here and is not closed. Double it ("") or delete it.'
    ),
    "file_cell_too_long": _("A cell of this line holds more than 32,000 characters."),
    "file_too_many_columns": _("The file has more than 500 columns."),
    "file_too_many_rows": _("The file has more than a million lines."),
    "file_header_twice": _("Two columns have the same name. Please rename one."),
    "file_header_values": _(
        "The first line holds values. Put the names of the columns there."
    ),
    "file_no_columns": _(
        "Only one column was found. Separate the columns by semicolons, commas, tabs "
        "or bars."
    ),
    "file_zip": _("This is no XLSX file, or it is damaged."),
    "file_xls": _("Old XLS files are not read. Save it as XLSX or CSV."),
    "file_pdf": _("This is a PDF. Export the list as CSV or XLSX where it comes from."),
    "file_compressed": _("This file is compressed. Unpack it first."),
    "file_protected": _("The workbook is protected by a password."),
    "file_bomb": _(
        "The workbook unpacks to far more than a customer list needs; it is not opened."
    ),
    "file_sheet": _("The workbook has no sheet with lines."),
    "file_gone": _("The file is no longer kept. Please upload it again."),
    "job_died": _(
        "The work was interrupted three times. Nothing was changed; "
        "look at the worker's log."
    ),
    "job_failed": _("The work failed. Nothing was changed; look at the worker's log."),
    "job_busy": _(
        "Other work held these accounts for too long. Nothing was changed; try again."
    ),
}

LINE: Mapping[str, Promise] = {
    "number_missing": _("The customer number is missing."),
    "number_long": _("The customer number has more than 40 characters."),
    "number_scientific": _(
        "A spreadsheet has rounded this number. Format the column as text and "
        "export it again."
    ),
    "name_missing": _("A new account needs a name."),
    "too_many_cells": _(
        "The line has more cells than the header; a separator may stand in a value "
        "without quotation marks."
    ),
    "hidden": _("The value holds hidden signs or line breaks."),
    "formula": _("The cell holds a formula. Save values instead of formulas."),
    "cell_error": _("The spreadsheet could not compute this cell."),
    "too_long": _("The value is longer than its field."),
    "link": _("A person's name holds no link or address."),
    "not_a_number": _("This is no amount in the chosen notation."),
    "number_too_big": _("The amount is too big."),
    "not_a_date": _("This is no date in the chosen order."),
    "not_yes_or_no": _("This is neither yes nor no."),
    "country_unknown": _("No country goes by this name; it was left empty."),
    "language_not_offered": _(
        "We do not write in this language; the usual one was taken."
    ),
    "zone_unknown": _("No time zone goes by this name."),
    "account_contradicts": _(
        "An earlier line of this account says something else; that one counts."
    ),
    "account_repeated": _(
        "This account stands in the call twice; the first entry counts."
    ),
    "buyer_repeated": _("This buyer stands in the file twice; the first entry counts."),
    "buyer_of_two": _(
        "The id belongs to one buyer of this account and the address to another."
    ),
    "buyer_unnamed": _(
        "Without an address or an id nobody can be told apart; no buyer was taken."
    ),
    "reason_without_bar": _("The reason was ignored: the account may order online."),
}

UNDO: Mapping[str, Promise] = {
    "used": _("It has been used since."),
    "held": _("A later import holds it as well."),
    "changed": _("It has been changed since."),
    "has_buyers": _("Some of its buyers stayed."),
    "gone": _("It no longer exists."),
}

SENTENCES: dict[str, Promise] = {**ADDRESS, **FILE, **LINE, **UNDO}


def add(sentences: Mapping[str, Promise]) -> None:
    """Codes of other kinds of files; call it from an AppConfig's ``ready``."""
    SENTENCES.update(sentences)


def sentence(code: str) -> Promise | str:
    """What to tell a person; an unknown code speaks for itself."""
    return SENTENCES.get(code, code)
