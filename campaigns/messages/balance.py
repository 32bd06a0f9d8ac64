"""Whether every condition and loop holds whole HTML elements.

A block that begins inside a paragraph and ends in the next one would leave tags
open whenever it is not shown.
"""

from collections.abc import Iterable
from html.parser import HTMLParser

from liquid import RenderContext
from liquid.ast import Node
from liquid.builtin.content import ContentNode

from . import syntax
from .syntax import BadSource

_VOID = {"br", "hr", "img"}


class _Tags(HTMLParser):
    """Follows the elements that a piece of HTML opens and closes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.whole = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.whole = False


def check(html: str) -> None:
    """Raise `BadSource` for the first block of *html* that cuts an element."""
    template = syntax.parse(html, limit=syntax.BUILT_LIMIT)
    context = RenderContext(template)
    for node in template.nodes:
        _check(node, context)


def _check(node: Node, context: RenderContext) -> None:
    children = list(node.children(context))
    for child in children:
        _check(child, context)
    if type(node).__name__ == "BlockNode" and not _is_whole(children, context):
        raise BadSource("unbalanced", _shorten(str(node)))


def _is_whole(nodes: Iterable[Node], context: RenderContext) -> bool:
    tags = _Tags()
    for node in nodes:
        # Blocks within are whole by themselves, or were refused before.
        if type(node) is ContentNode:
            tags.feed(node.text)
    return tags.whole and not tags.open


def _shorten(text: str) -> str:
    words = " ".join(text.split())
    return words[:60] + ("…" if len(words) > 60 else "")
