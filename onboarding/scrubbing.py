"""What a line of a log may not hold, cut out of its text."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from accounts.customers import veil

#: A local part in quotes may hold spaces; a domain may be an address by number.
ADDRESS = re.compile(
    r"""(?:"[^"\n@]{1,64}"|[^\s@<>"'=:,;()\[\]/][^\s@<>"=:,;()\[\]/]*)"""
    r"""@(?:\[[0-9a-f.:]+\]|[^\s@<>"'=:,;()\[\]/?]+\.[^\W\d_]{2,})""",
    re.IGNORECASE,
)
#: What follows the door to a new password, or to the proof of an address.
ACCOUNT_KEY = re.compile(
    r"(/+password/+reset/+key/+|/+confirm-email/+)[^\s/?\"']+", re.IGNORECASE
)
API_KEY = re.compile(r"\bonb_[\w-]{16,}")
#: A part of a path as long as our tokens, wherever it stands.
LONG = re.compile(r"(?<=/)[\w.=~-]{40,}(?=[/?#\s\"']|$)")
QUERY = re.compile(r"(/[^\s?\"'<>]*)\?[^\s\"'<>]+")
#: PostgreSQL shows the whole row there, in the language of the server.
DETAIL = re.compile(
    r"(?:DETAIL|DETALLE|DÉTAIL|DETALHE|DETTAGLI|CONTEXT|CONTEXTO|CONTEXTE):.*?"
    r"(?=\n\n(?:The above|During handling)|\nTraceback \(|\Z)",
    re.DOTALL,
)
BAD_VALUE = re.compile(r"(invalid input (?:syntax|value) for [^:\n]+: )\"[^\n]*\"")
SECRET_NAMES = re.compile(
    r"token|secret|passw|authori[sz]ation|cookie|api_?key|e?_?mail|address|^name$|^ip$",
    re.IGNORECASE,
)
#: Who quotes a path twice does not get it past us.
UNQUOTED_TIMES = 3


def scrub_text(text: str) -> str:
    """The text without addresses of people, tokens, queries and rows."""
    scrubbed = _cut(text)
    plain = _unquote(text)
    # Quoted letters are shown as they are only where they hid something.
    if plain != text and (cut := _cut(plain)) != plain:
        return cut
    return scrubbed


def _cut(text: str) -> str:
    text = BAD_VALUE.sub(r"\1[value]", DETAIL.sub("[row]", text))
    text = API_KEY.sub("[key]", QUERY.sub(r"\1?[query]", text))
    text = ACCOUNT_KEY.sub(r"\1[token]", text)
    text = veil.PERSONAL.sub(r"\g<door>[token]", text)
    return ADDRESS.sub("[address]", LONG.sub("[token]", text))


def _unquote(text: str) -> str:
    for _again in range(UNQUOTED_TIMES):
        if "%" not in text or (plain := unquote(text)) == text:
            break
        text = plain
    return text


def scrub(value: Any) -> Any:
    """The value, whatever its shape, fit for a log."""
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, Mapping):
        return {key: scrub_named(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [scrub(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrub_text(str(value))


def scrub_named(name: str, value: Any) -> Any:
    if SECRET_NAMES.search(name):
        return "[left out]"
    return scrub(value)
