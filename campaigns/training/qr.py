"""QR codes as SVG that stands in the page itself: nothing is fetched for it."""

import segno
from django.utils.safestring import SafeString, mark_safe


def svg(text: str, label: str) -> SafeString:
    """*text* as a code that a phone's camera opens; *label* for who cannot see it."""
    code = segno.make(text, error="m", micro=False)
    drawn = code.svg_inline(omitsize=True, border=4, title=label, svgclass="qr")
    return mark_safe(drawn)  # noqa: S308 - segno's own; the title is escaped by it
