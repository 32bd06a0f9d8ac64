"""A brand's logo: which files are taken, and how large a mail shows them.

Mail programs show PNG, JPEG and GIF, neither SVG nor WebP nor embedded data, so
the logo is served at an address of its own.
"""

from collections.abc import Callable
from hashlib import sha256

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

SIZE_LIMIT = 200_000
SIDE_LIMIT = 4_000
SHOWN_WIDTH = 200
SHOWN_HEIGHT = 48


def inspect(content: bytes) -> tuple[str, int, int]:
    """Return type, width and height of an image; raise `ValidationError` if unfit."""
    if len(content) > SIZE_LIMIT:
        raise ValidationError(
            _("The logo is larger than 200 kB. Save it smaller."), code="large"
        )
    for kind, measure in _MEASURES.items():
        size = measure(content)
        if size and 0 < size[0] <= SIDE_LIMIT and 0 < size[1] <= SIDE_LIMIT:
            return kind, *size
    raise ValidationError(
        _("Choose a PNG, JPEG or GIF picture: mail programs show no other."),
        code="type",
    )


def shown_size(width: int, height: int) -> tuple[int, int]:
    """The size in a mail's header: small enough for a phone, never enlarged."""
    scale = min(1.0, SHOWN_WIDTH / width, SHOWN_HEIGHT / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def digest(content: bytes) -> str:
    """Eight characters that change with the picture, for its address."""
    return sha256(content).hexdigest()[:8]


def _measure_png(content: bytes) -> tuple[int, int] | None:
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR":
        return None
    return _big(content[16:20]), _big(content[20:24])


def _measure_gif(content: bytes) -> tuple[int, int] | None:
    if content[:6] not in (b"GIF87a", b"GIF89a"):
        return None
    return (
        int.from_bytes(content[6:8], "little"),
        int.from_bytes(content[8:10], "little"),
    )


def _measure_jpeg(content: bytes) -> tuple[int, int] | None:
    if content[:3] != b"\xff\xd8\xff":
        return None
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], _big(content[at + 2 : at + 4])
        # Start of frame, in all its codings; C4, C8 and CC are tables.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return _big(content[at + 7 : at + 9]), _big(content[at + 5 : at + 7])
        at += 2 + length
    return None


def _big(octets: bytes) -> int:
    return int.from_bytes(octets, "big")


_MEASURES: dict[str, Callable[[bytes], tuple[int, int] | None]] = {
    "image/png": _measure_png,
    "image/jpeg": _measure_jpeg,
    "image/gif": _measure_gif,
}
