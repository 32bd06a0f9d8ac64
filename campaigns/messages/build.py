"""From a source in one language to the mail's templates, done once when published.

Markdown + Liquid → tokens → sanitised HTML in its frame, and plain text. Both
results still hold their Liquid, made fit for where each value will stand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from . import frame, markdown, plain
from .shelter import Shelter

_ACCOUNT = "{{ account.name }}"
_LEAVE = "{{ links.unsubscribe }}"


@dataclass(frozen=True, slots=True)
class Source:
    """What somebody wrote, in one language."""

    subject: str
    preheader: str
    body: str


@dataclass(frozen=True, slots=True)
class Templates:
    """Liquid of a whole mail: the subject, the HTML part, the text part."""

    subject: str
    html: str
    text: str


def build(
    source: Source, *, language: str, purpose: str, brand: Mapping[str, str]
) -> Templates:
    """Build the mail; raise `BadSource` where a link cannot be made safe."""
    shelter = Shelter(source.body, source.preheader, *map(str, brand.values()))
    tokens = markdown.read(shelter.hide(source.body), shelter)
    foot = frame.footer(
        language, purpose, brand["name"], shelter.add(_ACCOUNT), shelter.add(_LEAVE)
    )
    body = markdown.to_html(tokens)
    preheader = shelter.hide(source.preheader)
    html = frame.wrap(
        body, language=language, brand=brand, foot=foot, preheader=preheader
    )
    text = plain.to_text(tokens).rstrip() + _text_footer(foot, brand)
    return Templates(source.subject, shelter.show(html) + "\n", shelter.show(text))


def build_fragment(source: Source) -> str:
    """The message's own HTML without its frame, Liquid in place."""
    shelter = Shelter(source.body)
    tokens = markdown.read(shelter.hide(source.body), shelter)
    return shelter.show(markdown.to_html(tokens))


def _text_footer(foot: frame.Footer, brand: Mapping[str, str]) -> str:
    leave = f"\n\n{foot.leave}:\n{foot.link}" if foot.leave else ""
    who = f"{brand['name']}\n{brand['postal_address']}\n{brand['reply_to']}"
    return f"\n\n-- \n{foot.why}\n\n{who}{leave}\n"
