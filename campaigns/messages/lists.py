"""Lists with Liquid between their items stay one list.

Markdown ends a list where a tag stands on a line of its own; here what belongs
together is joined again, as far as whole blocks of tags lie inside.
"""

from collections.abc import Iterable, Sequence

from markdown_it.token import Token

from .shelter import Shelter

#: The token of a line that holds nothing but tags.
LIQUID = "liquid"
_LISTS = {"bullet_list_open", "ordered_list_open"}
_NESTING = {"if": 1, "unless": 1, "case": 1, "for": 1}


def join(tokens: Sequence[Token], shelter: Shelter) -> list[Token]:
    """Make one list of lists that only tags part, and draw loops into their list."""
    out: list[Token] = []
    at = 0
    while at < len(tokens):
        run = _list_run(tokens, at)
        if run is None:
            out.append(tokens[at])
            at += 1
        else:
            out += _join_run(tokens[at:run], shelter)
            at = run
    return out


def _list_run(tokens: Sequence[Token], at: int) -> int | None:
    """The end of the row of tags and lists of one kind that begins at *at*."""
    kind, level, end = "", tokens[at].level, at
    while end < len(tokens) and tokens[end].level == level:
        token = tokens[end]
        if token.type == LIQUID:
            end += 1
        elif token.type in _LISTS and kind in ("", token.type):
            kind = token.type
            end = _closing(tokens, end) + 1
        else:
            break
    return end if kind else None


def _closing(tokens: Sequence[Token], at: int) -> int:
    wanted = tokens[at].type.replace("_open", "_close")
    level = tokens[at].level
    return next(
        number
        for number in range(at + 1, len(tokens))
        if tokens[number].type == wanted and tokens[number].level == level
    )


def _join_run(run: Sequence[Token], shelter: Shelter) -> list[Token]:
    level = min(token.level for token in run)
    kind = next(token.type for token in run if token.type in _LISTS)
    closer = kind.replace("_open", "_close")
    bounds = _list_bounds(run, shelter)
    if bounds is None:
        head, *tail = run
        return [head, *join(tail, shelter)] if head.type == LIQUID else list(run)
    first, last = bounds
    inside = run[first : last + 1]
    opener = next(token for token in inside if token.type == kind)
    ending = next(token for token in reversed(inside) if token.type == closer)
    items = [t for t in inside if t.level != level or t.type not in (kind, closer)]
    return [
        *run[:first],
        opener,
        *join(items, shelter),
        ending,
        *join(run[last + 1 :], shelter),
    ]


def _list_bounds(run: Sequence[Token], shelter: Shelter) -> tuple[int, int] | None:
    """The shortest part of *run* with all its lists and whole blocks of tags; a loop
    written around one list is drawn in too, so that it repeats the items."""
    lists = [n for n, token in enumerate(run) if token.type != LIQUID]
    first, last = lists[0], lists[-1]
    loops = first and last + 1 < len(run) and _is_loop(run[first - 1], shelter)
    if loops and _balanced(run[first - 1 : last + 2], shelter):
        return first - 1, last + 1
    around = [(f, t) for f in range(first, -1, -1) for t in range(last, len(run))]
    for start, stop in sorted(around, key=lambda pair: pair[1] - pair[0]):
        if _balanced(run[start : stop + 1], shelter):
            return start, stop
    return None


def _is_loop(token: Token, shelter: Shelter) -> bool:
    tags = shelter.tags_in(token.content)
    return bool(tags) and _keyword(tags[0]) == "for"


def _balanced(tokens: Iterable[Token], shelter: Shelter) -> bool:
    """Whether every block that the tags among *tokens* open closes among them."""
    level = min(token.level for token in tokens)
    depth = 0
    for token in tokens:
        if token.type != LIQUID or token.level != level:
            continue
        for tag in shelter.tags_in(token.content):
            keyword = _keyword(tag)
            depth += _NESTING.get(keyword, -1 if keyword.startswith("end") else 0)
            if depth < 0 or (keyword in {"else", "elsif", "when"} and not depth):
                return False
    return depth == 0


def _keyword(tag: str) -> str:
    words = tag.strip("{}%-").split(maxsplit=1)
    return words[0] if words else ""
