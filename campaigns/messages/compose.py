"""From a published version and a buyer's facts to subject, HTML and text.

A version never changes, so what is compiled from it is kept by the process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings

from . import guard, syntax
from .build import Templates
from .models import MessageVersion, VersionText
from .slots import text_program


@dataclass(frozen=True, slots=True)
class Composed:
    """What one buyer is told."""

    subject: str
    html: str
    text: str


class Compiled:
    """A mail in one language, ready to be filled for one buyer after another.

    ``links`` names the links it asks for ("invitation", "unsubscribe"), so that
    nobody makes others; ``brand`` is the brand as it was when published.
    """

    def __init__(
        self,
        templates: Templates,
        *,
        language: str,
        purpose: str,
        brand: Mapping[str, str],
        version_id: int | None = None,
    ) -> None:
        self.language = language
        self.purpose = purpose
        self.brand = brand
        self.version_id = version_id
        subject = syntax.parse(templates.subject, syntax.TEXT)
        limit = syntax.BUILT_LIMIT
        html = syntax.parse(templates.html, syntax.HTML, limit=limit)
        text = syntax.parse(templates.text, syntax.TEXT, limit=limit)
        self.text_template, self.html_template = text, html
        self._subject = text_program(subject)
        self._html = text_program(html)
        self._text = text_program(text)
        self.names = frozenset(
            name
            for template in (subject, html, text)
            for name, _offset in syntax.names(template)
        )
        self.links = frozenset(
            name.removeprefix("links.")
            for name in self.names
            if name.startswith("links.")
        )
        self.groups = frozenset(name.partition(".")[0] for name in self.names)

    def fill(self, context: Mapping[str, Any]) -> Composed:
        context = self.complete(context)
        return Composed(
            subject=self.fill_subject(context),
            html=self._html.fill(context),
            text=self._text.fill(context),
        )

    def complete(self, context: Mapping[str, Any]) -> dict[str, Any]:
        """*context* with the brand of this version."""
        return {**context, "brand": self.brand}

    def fill_subject(self, context: Mapping[str, Any]) -> str:
        """The subject on one line, safe for a header; *context* is complete."""
        return _clean_line(self._subject.fill(context))


def fill_line(source: str, context: Mapping[str, Any]) -> str:
    """A source of one line filled, such as a preview line."""
    return _clean_line(syntax.render(syntax.parse(source), dict(context)))


def _clean_line(text: str) -> str:
    line = guard.clean(text)
    # What reads as an encoded word would be decoded by the reader's program.
    return line.replace("=?", "= ?") if "=?" in line else line


def compiled(version_id: int, language: str) -> Compiled:
    """The compiled mail of a version in *language*, or the nearest it has.

    Falls back from "es-MX" to "es", then to the installation's language, then to
    any. Raises `MessageVersion.DoesNotExist` for a version without texts.
    """
    return _load(version_id, language)


@lru_cache(maxsize=256)
def _load(version_id: int, language: str) -> Compiled:
    text = find_text(version_id, language)
    return compile_text(text, text.html)


def find_text(version_id: int, language: str) -> VersionText:
    """The text of a version in *language*, or the nearest that it has."""
    found = VersionText.objects.filter(version=version_id).select_related("version")
    texts = {text.language: text for text in found}
    if not texts:
        raise MessageVersion.DoesNotExist
    return texts[choose_language(language, texts)]


def compile_text(text: VersionText, html: str) -> Compiled:
    """The mail of *text* with *html* for its HTML part."""
    return Compiled(
        Templates(subject=text.subject, html=html, text=text.text),
        language=text.language,
        purpose=text.version.purpose,
        brand=text.version.brand,
        version_id=text.version_id,
    )


def choose_language(wanted: str, present: Mapping[str, Any]) -> str:
    """The language of *present* that suits a reader of *wanted* best."""
    for language in (wanted, wanted.partition("-")[0], settings.LANGUAGE_CODE):
        if language in present:
            return language
    return min(present)
