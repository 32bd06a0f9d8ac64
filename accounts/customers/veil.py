"""Personal links in a text, hidden: whoever holds one is taken for its customer."""

import re

HIDDEN = "hidden"
#: Pages that open with a token as the last part of their address. A slash too many
#: leads nowhere, but the token after it is as good as before.
PERSONAL = re.compile(
    r"(?P<door>/+(?:i|u|me|c|t|m)/+)(?:[^\s/?#\"'<>&;,)\]}]{8,})", re.IGNORECASE
)


def hide_links(text: str) -> str:
    """The text, with the tokens of personal links cut out."""
    return PERSONAL.sub(rf"\g<door>{HIDDEN}", text)
