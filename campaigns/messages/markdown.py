"""Markdown around hidden Liquid: tags on lines of their own stay between blocks.

`read` gives tokens from which both the HTML (here) and the plain text
(`plain.py`) of a mail are made.
"""

from collections.abc import Callable, Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from . import lists
from .lists import LIQUID
from .shelter import Shelter

BUTTON = "{.button}"

_TAGS = {
    *("a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "hr", "img"),
    *("li", "ol", "p", "s", "strong", "table", "tbody", "td", "th", "thead", "tr"),
    "ul",
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title"},
    "ol": {"start"},
    "td": {"style"},
    "th": {"style"},
    "table": {"role"},
}
_CLASSES = {"a": {"button"}, "table": {"button", "data"}, "td": {"button"}}
_SCHEMES = {"http", "https", "mailto", "tel"}


def read(hidden: str, shelter: Shelter) -> list[Token]:
    """Return the block tokens of *hidden*, a source whose Liquid *shelter* holds."""
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True})
    reader.enable(["table", "strikethrough"])
    # Indented text is somebody's layout, not a program listing.
    reader.disable(["code", "html_block", "html_inline"])
    reader.block.ruler.before(
        "table",
        LIQUID,
        _block_rule(shelter),
        {"alt": ["paragraph", "reference", "blockquote", "list"]},
    )
    tokens = _free_rows(reader.parse(hidden), shelter)
    tokens = lists.join(tokens, shelter)
    for token in tokens:
        if token.children:
            _mark_buttons(token.children)
            _escape_addresses(token.children, shelter)
    return tokens


def to_html(tokens: Sequence[Token]) -> str:
    """Return the sanitised HTML of *tokens*, Liquid still hidden."""
    writer = MarkdownIt("commonmark", {"html": False, "breaks": True})
    writer.enable(["table", "strikethrough"])
    writer.add_render_rule(LIQUID, _render_liquid)
    writer.add_render_rule("table_open", _render_table)
    html = writer.renderer.render(_lay_buttons(tokens), writer.options, {})
    return sanitise(html)


def sanitise(html: str) -> str:
    """Keep what a mail needs and nothing that acts, loads or disguises itself.

    Comments survive because hidden Liquid stands in them between table rows;
    Markdown with HTML switched off has no other way to write one.
    """
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes=_SCHEMES,
        filter_style_properties={"text-align"},
        strip_comments=False,
        link_rel=None,
    )


def is_button(paragraph: Token) -> bool:
    """Whether *paragraph*'s inline token is a button and nothing else."""
    children = [child for child in paragraph.children or () if not _is_blank(child)]
    return (
        len(children) > 1
        and children[0].type == "link_open"
        and children[0].attrGet("class") == "button"
        and [child.type for child in children].index("link_close") == len(children) - 1
    )


def _is_blank(token: Token) -> bool:
    return token.type == "text" and not token.content.strip()


def _block_rule(shelter: Shelter) -> Callable[[StateBlock, int, int, bool], bool]:
    def rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        # A table keeps the line as a row, which `_free_rows` sets free.
        if state.parentType == "table":
            return False
        line = state.getLines(start, start + 1, 0, False)
        if not shelter.is_block(line):
            return False
        if not silent:
            token = state.push(LIQUID, "", 0)
            token.content = "".join(found[0] for found in shelter.word.finditer(line))
            token.map = [start, start + 1]
            state.line = start + 1
        return True

    return rule


def _free_rows(tokens: Sequence[Token], shelter: Shelter) -> list[Token]:
    """Turn table rows that hold nothing but tags into those tags."""
    freed: list[Token] = []
    row: list[Token] = []
    for token in tokens:
        if token.type == "tr_open":
            row = [token]
        elif row:
            row.append(token)
            if token.type == "tr_close":
                freed += _free_row(row, shelter)
                row = []
        else:
            freed.append(token)
    return freed


def _free_row(row: list[Token], shelter: Shelter) -> list[Token]:
    content = "".join(token.content for token in row if token.type == "inline")
    if not shelter.is_block(content):
        return row
    return [Token(LIQUID, "", 0, content=content, level=row[0].level, block=True)]


def _mark_buttons(children: list[Token]) -> None:
    """Read ``[label](address){.button}``."""
    for number, token in enumerate(children[1:], start=1):
        before = children[number - 1]
        if before.type != "link_close" or not token.content.startswith(BUTTON):
            continue
        token.content = token.content[len(BUTTON) :]
        opened = next(t for t in reversed(children[:number]) if t.type == "link_open")
        opened.attrSet("class", "button")


def _escape_addresses(children: list[Token], shelter: Shelter) -> None:
    for token in children:
        for name in ("href", "src"):
            address = token.attrGet(name)
            if address is not None:
                token.attrSet(name, shelter.escape_address(str(address)))


def _lay_buttons(tokens: Sequence[Token]) -> list[Token]:
    """Put a button that fills its paragraph into a table, as Outlook needs it."""
    laid = list(tokens)
    for number, token in enumerate(laid):
        if token.type == "inline" and token.children and is_button(token):
            laid[number - 1] = _raw('<table class="button"><tr><td class="button">')
            laid[number + 1] = _raw("</td></tr></table>")
    return laid


def _raw(html: str) -> Token:
    return Token("html_block", "", 0, content=html, block=True)


def _render_liquid(
    self: Any, tokens: Sequence[Token], number: int, options: Any, env: Any
) -> str:
    return f"<!--{tokens[number].content.strip()}-->\n"


def _render_table(
    self: Any, tokens: Sequence[Token], number: int, options: Any, env: Any
) -> str:
    return '<table class="data">\n'
