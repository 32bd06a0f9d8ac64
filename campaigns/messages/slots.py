"""The compiled way to fill a template: static parts ready, values put between them.

Plain placeholders with filters, conditions on them and short loops are compiled
from python-liquid's own parse tree; a template with anything else, and a context
that is out of the ordinary, goes to python-liquid itself. Both give the same.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from liquid import BoundTemplate
from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.output import OutputNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.expression import Expression
from liquid.stringify import to_liquid_string
from markupsafe import escape

from . import reading
from .quoted import has_no_markup
from .reading import MISSING, Context, Read, Unusual
from .syntax import LOOP_LIMIT, OUTPUT_LIMIT, render

Write = Callable[[Context], str]


@dataclass(frozen=True, slots=True)
class Output:
    """How one kind of output is written.

    *static* prepares a literal part, once. A value for which *plain* is true is
    written as it is, another by *value*, which escapes it too; *ready* writes what
    the engine has escaped. *seam* follows each value.
    """

    static: Callable[[str], str]
    plain: Callable[[str], object]
    value: Callable[[str], str]
    ready: Callable[[str], str]
    seam: str = ""


class Program:
    """A template compiled for one output: `fill` gives what python-liquid would."""

    def __init__(self, template: BoundTemplate, output: Output) -> None:
        self.template = template
        self.output = output
        self._write: Write | None
        try:
            self._write = _Compiler(template, output).block(template.nodes)
        except Unusual:
            self._write = None

    @property
    def is_compiled(self) -> bool:
        return self._write is not None

    def fill(self, context: Context) -> str:
        if self._write is None:
            return self._fill_slowly(context)
        try:
            filled = self._write(context)
        except Unusual:
            return self._fill_slowly(context)
        # Four octets a character at most: most texts need no counting.
        if len(filled) > OUTPUT_LIMIT // 4 and len(filled.encode()) > OUTPUT_LIMIT:
            # python-liquid counts too, and says which limit was broken.
            return self._fill_slowly(context)
        return filled

    def _fill_slowly(self, context: Context) -> str:
        return self.output.static(render(self.template, dict(context)))


def text_program(template: BoundTemplate) -> Program:
    """The program that fills *template* as text."""
    if template.env.autoescape:
        return Program(template, Output(_same, has_no_markup, escape, _same))
    return Program(template, Output(_same, _always, _same, _same))


def _always(text: str) -> bool:
    return True


def _same(text: str) -> str:
    return text


class _Compiler:
    """Turns nodes into functions from a context to output."""

    def __init__(self, template: BoundTemplate, output: Output) -> None:
        self.environment = template.env
        self.output = output
        self.in_loop = False

    def block(self, nodes: Iterable[Node]) -> Write:
        """What writes *nodes* one after another: a row of parts with holes."""
        parts: list[str] = []
        plains: list[tuple[int, str, str]] = []
        holes: list[tuple[int, Write]] = []
        seam = ""
        for node in nodes:
            if type(node) is ContentNode:
                parts.append(seam + self.output.static(node.text))
                seam = ""
                continue
            if seam:
                parts.append(seam)
            names = self._plain_names(node)
            if names:
                plains.append((len(parts), *names))
            else:
                holes.append((len(parts), self.node(node)))
            parts.append("")
            seam = self.output.seam if type(node) is OutputNode else ""
        return self._row([*parts, seam], plains, holes)

    def _row(
        self,
        parts: list[str],
        plains: list[tuple[int, str, str]],
        holes: list[tuple[int, Write]],
    ) -> Write:
        """Fills the holes of *parts*; ``{{ group.name }}``, which nearly every
        placeholder is, without a call of its own."""
        if not plains and not holes:
            whole = "".join(parts)
            return lambda context: whole
        is_plain, value, show = self.output.plain, self.output.value, self._show
        # A name stands in many places: it is looked up and written once.
        places: dict[tuple[str, str], list[int]] = {}
        for number, group, name in plains:
            places.setdefault((group, name), []).append(number)
        wanted = [(*names, numbers) for names, numbers in places.items()]

        def write(context: Context) -> str:
            row = parts.copy()
            for group, name, numbers in wanted:
                try:
                    found = context[group][name]
                except (KeyError, TypeError):
                    continue
                if type(found) is not str:
                    found = show(found)
                elif not is_plain(found):
                    found = value(found)
                for number in numbers:
                    row[number] = found
            for number, fill in holes:
                row[number] = fill(context)
            return "".join(row)

        return write

    def _plain_names(self, node: Node) -> tuple[str, str] | None:
        """The two names of a placeholder without filters; None for anything else."""
        if type(node) is not OutputNode or type(node.expression) is not (
            FilteredExpression
        ):
            return None
        path = node.expression.left
        if node.expression.filters or type(path) is not Path:
            return None
        names = reading.names_of(path)
        return (names[0], names[1]) if len(names) == 2 else None

    def node(self, node: Node) -> Write:
        if type(node) is OutputNode:
            return self._output(node.expression)
        if type(node) is IfNode:
            tests = [(node.condition, node.consequence)]
            tests += [(other.expression, other.block) for other in node.alternatives]
            branches = [(reading.condition(test), block) for test, block in tests]
            return self._branch(branches, node.default)
        if type(node) is UnlessNode and not node.alternatives:
            test = reading.negate(reading.condition(node.condition))
            return self._branch([(test, node.consequence)], node.default)
        if type(node) is ForNode and not self.in_loop:
            return self._for(node)
        raise Unusual

    def _output(self, expression: Expression) -> Write:
        if type(expression) is not FilteredExpression:
            raise Unusual
        read = reading.value(expression, self.environment)
        show = self._show
        return lambda context: show(read(context))

    def _show(self, value: Any) -> str:
        if value is None or value is MISSING:
            return ""
        if type(value) is str:
            return value if self.output.plain(value) else self.output.value(value)
        text = to_liquid_string(value, self.environment.autoescape)
        return self.output.ready(text)

    def _branch(
        self, branches: Sequence[tuple[Read, BlockNode]], default: BlockNode | None
    ) -> Write:
        ready = [(test, self._inner(block)) for test, block in branches]
        last = self._inner(default) if default else self._nothing

        def write(context: Context) -> str:
            for test, inner in ready:
                if test(context):
                    return inner(context)
            return last(context)

        return write

    def _inner(self, block: BlockNode) -> Write:
        # python-liquid leaves out blocks that hold only white space.
        write = self.block(block.nodes)
        return self._nothing if block.blank else write

    def _nothing(self, context: Context) -> str:
        return ""

    def _for(self, node: ForNode) -> Write:
        loop = node.expression
        if loop.limit or loop.offset or loop.reversed or loop.cols:
            raise Unusual
        # Its own type hashes and compares in Python, at every look-up.
        name = str(loop.identifier)
        if name == "forloop" or type(loop.iterable) is not Path:
            raise Unusual
        read = reading.value_at(loop.iterable)
        self.in_loop = True
        inner = self._inner(node.block)
        self.in_loop = False
        otherwise = self._inner(node.default) if node.default else self._nothing

        def write(context: Context) -> str:
            items = read(context)
            if items is None or items is MISSING or items == []:
                return otherwise(context)
            if type(items) is not list or len(items) > LOOP_LIMIT:
                raise Unusual
            scope = dict(context)
            rows = []
            for item in items:
                scope[name] = item
                rows.append(inner(scope))
            return "".join(rows)

        return write
