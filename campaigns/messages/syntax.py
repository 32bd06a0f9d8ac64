"""The Liquid that messages are written in: few tags, few filters, hard limits.

Free of Django, so that the trial at publishing can run it in a bare process.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, ClassVar
from urllib.parse import quote

from liquid import (
    BoundTemplate,
    Environment,
    RenderContext,
    StrictUndefined,
    Undefined,
)
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.tags.for_tag import ForNode
from liquid.exceptions import LiquidError, LiquidSyntaxError
from liquid.expression import Expression

TAGS = frozenset({"if", "unless", "case", "for", "break", "continue", "assign"})
FILTERS = frozenset(
    {
        "capitalize",
        "default",
        "downcase",
        "first",
        "join",
        "last",
        "size",
        "strip",
        "truncate",
        "truncatewords",
        "upcase",
    }
)
#: A placeholder or a tag, as python-liquid's own lexer cuts them.
TAG = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)
_BLOCK = re.compile(r"{%-?\s*(end)?(if|unless|case|for)\b")
_CONDITION = re.compile(r"{%-?\s*(?:els)?(?:if|unless)\b(.*?)-?%}", re.DOTALL)

#: Loop rounds a message may take in all; bytes it may put out and remember.
LOOP_LIMIT = 1_000
OUTPUT_LIMIT = 200_000
MEMORY_LIMIT = 100_000
DEPTH_LIMIT = 20
#: Characters of one source, and tags and placeholders in it.
SOURCE_LIMIT = 100_000
TAG_LIMIT = 2_000
#: Characters of what is built from a source.
BUILT_LIMIT = 10 * SOURCE_LIMIT


def in_url(value: object) -> str:
    """Escape *value* to stand as one part of a web address."""
    return _quote(_plain(value), "")


def in_address(value: object) -> str:
    """Escape *value* for the part of a mailto: or tel: address that names somebody."""
    return _quote(_plain(value), "@+")


@lru_cache(maxsize=4096)
def _quote(value: str, safe: str) -> str:
    # The same number stands in link after link, a rep's address in mail after mail.
    return quote(value, safe=safe)


class MessageEnvironment(Environment):
    """python-liquid without loaders, and with every limit set."""

    block_nesting_limit: ClassVar[int] = DEPTH_LIMIT
    context_depth_limit: ClassVar[int] = DEPTH_LIMIT
    loop_iteration_limit: ClassVar[int | None] = LOOP_LIMIT
    local_namespace_limit: ClassVar[int | None] = MEMORY_LIMIT
    output_stream_limit: ClassVar[int | None] = OUTPUT_LIMIT

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters()
        self.tags = {
            name: tag
            for name, tag in self.tags.items()
            # Pseudo-tags for text, output and errors are not written by anybody.
            if name in TAGS or type(tag).__name__ in _PSEUDO_TAGS
        }
        self.filters = {name: self.filters[name] for name in sorted(FILTERS)}
        self.filters |= {"in_url": in_url, "in_address": in_address}


_PSEUDO_TAGS = frozenset({"Literal", "Output", "Illegal"})

HTML = MessageEnvironment(autoescape=True)
TEXT = MessageEnvironment()
STRICT_HTML = MessageEnvironment(autoescape=True, undefined=StrictUndefined)
STRICT_TEXT = MessageEnvironment(undefined=StrictUndefined)


class BadSource(ValueError):
    """A source that cannot be used: *code*, what it is about, and the line or None."""

    def __init__(self, code: str, about: str = "", line: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.about = about
        self.line = line


def parse(
    source: str, environment: Environment = TEXT, *, limit: int = SOURCE_LIMIT
) -> BoundTemplate:
    """Parse *source*; raise `BadSource` where it is too large or not our Liquid."""
    if len(source) > limit:
        raise BadSource("too_long")
    if source.count("{{") + source.count("{%") > TAG_LIMIT:
        raise BadSource("too_many_tags")
    try:
        template = environment.from_string(source)
    except LiquidError as error:
        raise _explain(error, source) from error
    except RecursionError as error:
        raise BadSource("too_deep") from error
    _check_filters(template, source)
    _check_ranges(template, source)
    return template


def render(template: BoundTemplate, context: dict[str, Any]) -> str:
    """Fill *template*; raise `BadSource` where it breaks a limit or a value lacks."""
    try:
        return str(template.render(context))
    except LiquidError as error:
        raise _explain(error, "") from error


def names(template: BoundTemplate) -> Iterator[tuple[str, int]]:
    """Yield each placeholder the template asks for ("buyer.email"), with its offset."""
    for variables in template.analyze().globals.values():
        for variable in variables:
            yield ".".join(map(str, variable.segments[:2])), variable.span.index


def line_of(source: str, offset: int) -> int:
    return source.count("\n", 0, max(offset, 0)) + 1


def _check_filters(template: BoundTemplate, source: str) -> None:
    for name, spans in template.analyze().filters.items():
        if name not in HTML.filters:
            line = line_of(source, spans[0].index)
            raise BadSource("unknown_filter", name, line)


def _check_ranges(template: BoundTemplate, source: str) -> None:
    """Ranges may be looped over, and loops are counted; anywhere else one could be
    written out: a filter would build all of it before any limit is asked."""
    static = RenderContext(template)
    nodes = list(template.nodes)
    while nodes:
        node = nodes.pop()
        nodes += node.children(static, include_partials=False)
        if not isinstance(node, ForNode) and any(map(_has_range, node.expressions())):
            line = line_of(source, node.token.start_index)
            raise BadSource("range_outside_loop", line=line)


def _has_range(expression: Expression) -> bool:
    return isinstance(expression, RangeLiteral) or any(
        map(_has_range, expression.children())
    )


def _explain(error: LiquidError, source: str) -> BadSource:
    culprit = _find_culprit(error, source)
    place = error.context()
    line = place[0] if place else None
    if culprit:
        line = line_of(source, culprit.start())
    if not isinstance(error, LiquidSyntaxError):
        return BadSource(type(error).__name__, str(error.message or ""), line)
    written = culprit[0] if culprit else _line(source, line or 1)
    ends = line is None or _BLOCK.match(written)
    if ends and (unclosed := _find_unclosed(source)):
        name, start = unclosed
        return BadSource("unclosed", name, line_of(source, start))
    return BadSource("LiquidSyntaxError", written[:60], line or 1)


def _line(source: str, line: int) -> str:
    lines = source.splitlines()
    return (lines[line - 1] if line <= len(lines) else source).strip()


def _find_culprit(error: LiquidError, source: str) -> re.Match[str] | None:
    """The tag that python-liquid stumbled over: of several in a line the right one."""
    place = error.token.start_index if error.token else -1
    for found in TAG.finditer(source):
        if found.start() <= place < found.end():
            return found
    return _find_broken(source)


def _find_unclosed(source: str) -> tuple[str, int] | None:
    """The innermost block that begins and does not end, and where it begins."""
    begun: list[tuple[str, int]] = []
    for found in _BLOCK.finditer(source):
        ends, name = found.groups()
        if not ends:
            begun.append((name, found.start()))
        elif begun and begun[-1][0] == name:
            begun.pop()
        else:
            break
    return begun[-1] if begun else None


def _find_broken(source: str) -> re.Match[str] | None:
    """The first tag that cannot be read by itself."""
    for found in TAG.finditer(source):
        probe = found[0]
        if condition := _CONDITION.fullmatch(probe):
            probe = f"{{% if {condition[1]} %}}{{% endif %}}"
        elif probe.startswith("{%"):
            continue
        try:
            TEXT.from_string(probe)
        except LiquidError:
            return found
    return None


def _plain(value: object) -> str:
    if type(value) is str:
        return value
    return "" if value is None or isinstance(value, Undefined) else str(value)
