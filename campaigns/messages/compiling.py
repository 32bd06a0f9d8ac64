"""From python-liquid's parse tree to a function that writes: see `slots`.

A row of literal parts and values becomes one straight function; conditions and
loops are closures around the functions of what is in them.
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
from liquid.stringify import to_liquid_string

from . import reading
from .reading import MISSING, Context, Read, Unusual
from .straight import Straight, Write
from .syntax import LOOP_LIMIT

#: A value as each section writes it.
Forms = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A template, and how what it gives is written.

    *static* prepares a literal part, once; *ready* writes what the engine has
    escaped. *seam* follows each value, *before* stands before the whole.
    """

    template: BoundTemplate
    static: Callable[[str], str]
    ready: Callable[[str], str]
    seam: str = ""
    before: str = ""


class Compiler:
    """Compiles *sections* that are written one after another.

    Raises `Unusual` for what python-liquid had better do itself.
    """

    def __init__(self, sections: Sequence[Section], forms: Forms) -> None:
        self._sections = sections
        self._forms = forms
        self._ready = [(one.template.env.autoescape, one.ready) for one in sections]
        self._in_loop = False

    def whole(self) -> Write:
        made = self._straight()
        for number, section in enumerate(self._sections):
            made.add_text(section.before)
            self._add(made, section.template.nodes, number)
        return made.function()

    def _straight(self) -> Straight:
        return Straight(self._forms, self._show, ("",) * len(self._sections))

    def _show(self, value: Any) -> Sequence[str]:
        if type(value) is str:
            return self._forms(value)
        if value is None or value is MISSING:
            return ("",) * len(self._sections)
        return [ready(to_liquid_string(value, html)) for html, ready in self._ready]

    def _add(self, made: Straight, nodes: Iterable[Node], number: int) -> None:
        """Add what writes *nodes* of the section of that *number*."""
        section = self._sections[number]
        for node in nodes:
            if type(node) is ContentNode:
                made.add_text(section.static(node.text))
            elif type(node) is OutputNode:
                made.add_value(self._wanted(node, number), number)
                made.add_text(section.seam)
            else:
                made.add_call(self._control(node, number))

    def _wanted(self, node: OutputNode, number: int) -> reading.Wanted:
        if type(node.expression) is not FilteredExpression:
            raise Unusual
        environment = self._sections[number].template.env
        return reading.wanted(node.expression, environment)

    def _control(self, node: Node, number: int) -> Write:
        if type(node) is IfNode:
            tests = [(node.condition, node.consequence)]
            tests += [(other.expression, other.block) for other in node.alternatives]
            branches = [
                (reading.condition(test), self._block(block, number))
                for test, block in tests
            ]
            return _branch(branches, self._block(node.default, number))
        if type(node) is UnlessNode and not node.alternatives:
            test = reading.negate(reading.condition(node.condition))
            branches = [(test, self._block(node.consequence, number))]
            return _branch(branches, self._block(node.default, number))
        if type(node) is ForNode and not self._in_loop:
            return self._for(node, number)
        raise Unusual

    def _block(self, block: BlockNode | None, number: int) -> Write:
        # python-liquid leaves out blocks that hold only white space.
        made = self._straight()
        if block and not block.blank:
            self._add(made, block.nodes, number)
        return made.function()

    def _for(self, node: ForNode, number: int) -> Write:
        loop = node.expression
        if loop.limit or loop.offset or loop.reversed or loop.cols:
            raise Unusual
        # Its own type hashes and compares in Python, at every look-up.
        name = str(loop.identifier)
        if name == "forloop" or type(loop.iterable) is not Path:
            raise Unusual
        read = reading.value_at(loop.iterable)
        otherwise = self._block(node.default, number)
        made = self._straight()
        self._in_loop = True
        if not node.block.blank:
            self._add(made, node.block.nodes, number)
        self._in_loop = False
        each = made.loop(name)

        def write(context: Context) -> str:
            items = read(context)
            if items is None or items is MISSING or items == []:
                return otherwise(context)
            if type(items) is not list or len(items) > LOOP_LIMIT:
                raise Unusual
            return each(context, items)

        return write


def _branch(branches: Sequence[tuple[Read, Write]], default: Write) -> Write:
    def write(context: Context) -> str:
        for test, inner in branches:
            if test(context):
                return inner(context)
        return default(context)

    return write
