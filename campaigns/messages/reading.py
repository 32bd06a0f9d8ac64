"""What reads values and conditions from a context, compiled from Liquid expressions.

Raises `Unusual` for whatever python-liquid had better do itself.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from liquid import Environment, Undefined
from liquid.builtin.expressions import (
    BooleanExpression,
    FilteredExpression,
    Path,
    StringLiteral,
)
from liquid.builtin.expressions.logical import (
    EqExpression,
    LogicalAndExpression,
    LogicalOrExpression,
    NeExpression,
)
from liquid.builtin.expressions.primitive import IntegerLiteral
from liquid.expression import Expression

from .quoted import has_no_markup

Context = Mapping[str, Any]
Read = Callable[[Context], Any]
#: A filter's function and its further arguments.
Filter = tuple[Callable[..., Any], tuple[Any, ...]]

#: Where a context holds no value: as in Liquid, another thing than None.
MISSING = Undefined("missing")
_LITERALS = (StringLiteral, IntegerLiteral)
# Segments to which Liquid gives a meaning of its own.
_SPECIAL = {"size", "first", "last"}
_BUILT_IN = {"forloop", "now", "today"}


class Unusual(Exception):
    """Leave it to python-liquid."""


class Wanted(NamedTuple):
    """What an output asks of a context; equal ones get the same value."""

    names: tuple[str, ...]
    filters: tuple[Filter, ...] = ()


def condition(expression: Expression) -> Read:
    """What tells whether *expression* holds, as Liquid sees it."""
    if type(expression) is BooleanExpression:
        return condition(expression.expression)
    if type(expression) is Path:
        return _truth(value_at(expression))
    if type(expression) is LogicalAndExpression:
        both = condition(expression.left), condition(expression.right)
        return lambda context: both[0](context) and both[1](context)
    if type(expression) is LogicalOrExpression:
        one = condition(expression.left), condition(expression.right)
        return lambda context: one[0](context) or one[1](context)
    if type(expression) is EqExpression:
        return _equals(expression)
    if type(expression) is NeExpression:
        return negate(_equals(expression))
    raise Unusual


def negate(test: Read) -> Read:
    return lambda context: not test(context)


def wanted(expression: FilteredExpression, environment: Environment) -> Wanted:
    """What *expression* asks for."""
    if type(expression.left) is not Path:
        raise Unusual
    filters = [_filter(one, environment) for one in expression.filters or ()]
    return Wanted(tuple(names_of(expression.left)), tuple(filters))


def read(wanted: Wanted) -> Read:
    """What reads the value of *wanted*, its filters applied."""
    reads = _read(*wanted.names)
    for one in wanted.filters:
        reads = _filtered(reads, *one)
    return reads


def value_at(path: Path) -> Read:
    """What reads the value at *path*; `MISSING` where there is none."""
    return _read(*names_of(path))


def names_of(path: Path) -> list[str]:
    """One name or two, to which Liquid gives no meaning of its own."""
    names = [part for part in path.path if isinstance(part, str)]
    if len(names) < len(path.path) or len(names) > 2:
        raise Unusual
    if names[0] in _BUILT_IN or _SPECIAL.intersection(names):
        raise Unusual
    return names


def _equals(expression: EqExpression | NeExpression) -> Read:
    if type(expression.left) is not Path:
        raise Unusual
    if type(expression.right) is not StringLiteral:
        raise Unusual
    read, wanted = value_at(expression.left), str(expression.right.value)
    return lambda context: read(context) == wanted


def _filter(found: Any, environment: Environment) -> Filter:
    function = environment.filters[found.name]
    if hasattr(function, "with_context") or hasattr(function, "with_environment"):
        raise Unusual
    arguments = []
    for argument in found.args:
        literal = argument.value
        if hasattr(argument, "name") or not isinstance(literal, _LITERALS):
            raise Unusual
        # In HTML python-liquid takes what the source says for escaped.
        if environment.autoescape and not has_no_markup(str(literal.value)):
            raise Unusual
        arguments.append(literal.value)
    return function, tuple(arguments)


def _filtered(
    read: Read, function: Callable[..., Any], arguments: tuple[Any, ...]
) -> Read:
    def filtered(context: Context) -> Any:
        try:
            return function(read(context), *arguments)
        except Exception as error:
            raise Unusual from error

    return filtered


def _read(group: str, name: str | None = None) -> Read:
    if name is None:
        return lambda context: context.get(group, MISSING)

    def read(context: Context) -> Any:
        try:
            return context[group][name]
        except (KeyError, TypeError):
            return MISSING

    return read


def _truth(read: Read) -> Read:
    def test(context: Context) -> bool:
        found = read(context)
        return found is not None and found is not False and found is not MISSING

    return test
