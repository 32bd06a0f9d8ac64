"""The plain-text part of a mail, from the same Markdown tokens as its HTML."""

from collections.abc import Sequence

from markdown_it.token import Token

from .lists import LIQUID
from .markdown import is_button


def to_text(tokens: Sequence[Token]) -> str:
    """Return the text of *tokens*, Liquid still hidden: paragraphs, lists, links."""
    writer = _Writer()
    for token in tokens:
        writer.write(token)
    return "".join(writer.parts)


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.lists: list[int | None] = []
        self.quotes = 0
        self.cells: list[str] = []
        self.in_cell = False
        self.bullet = ""

    def write(self, token: Token) -> None:
        kind = token.type
        if kind == LIQUID:
            self.parts.append(token.content.strip())
        elif kind == "inline":
            self._write_inline(token)
        elif kind == "hr":
            self._put("-" * 40, 2)
        elif kind in ("bullet_list_open", "ordered_list_open"):
            start = token.attrGet("start")
            ordered = kind == "ordered_list_open"
            self.lists.append(int(start or 1) if ordered else None)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self.lists.pop()
            if not self.lists:
                self.parts.append("\n")
        else:
            self._write_frame(kind)

    def _write_frame(self, kind: str) -> None:
        if kind == "list_item_open":
            number = self.lists[-1]
            self.bullet = "- " if number is None else f"{number}. "
            if number is not None:
                self.lists[-1] = number + 1
        elif kind == "blockquote_open":
            self.quotes += 1
        elif kind == "blockquote_close":
            self.quotes -= 1
        elif kind in ("td_open", "th_open", "td_close", "th_close"):
            self.in_cell = kind.endswith("_open")
        elif kind == "tr_close":
            self._put(" | ".join(self.cells), 1)
            self.cells = []
        elif kind == "table_close":
            self.parts.append("\n")

    def _write_inline(self, token: Token) -> None:
        text = _inline(token.children or (), button=is_button(token))
        if self.in_cell:
            self.cells.append(text)
        else:
            self._put(text, 1 if self.lists else 2)

    def _put(self, text: str, breaks: int) -> None:
        margin = "> " * self.quotes + "  " * max(len(self.lists) - 1, 0)
        follow = margin + " " * len(self.bullet)
        lines = text.split("\n")
        first = f"{margin}{self.bullet}{lines[0]}"
        rest = [f"{follow}{line}" for line in lines[1:]]
        self.parts.append("\n".join([first, *rest]) + "\n" * breaks)
        self.bullet = ""


def _inline(children: Sequence[Token], *, button: bool) -> str:
    parts: list[str] = []
    opened: list[tuple[int, str]] = []
    for token in children:
        if token.type in ("text", "code_inline"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif token.type == "image":
            parts.append(token.content)
        elif token.type == "link_open":
            opened.append((len(parts), str(token.attrGet("href") or "")))
        elif token.type == "link_close":
            start, address = opened.pop()
            label = "".join(parts[start:])
            parts[start:] = [_link(label, address, button)]
    return "".join(parts).strip()


def _link(label: str, address: str, button: bool) -> str:
    address = address.removeprefix("mailto:").removeprefix("tel:")
    if label == address:
        return label
    return f"{label}:\n{address}" if button else f"{label} ({address})"
