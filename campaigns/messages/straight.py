"""Python functions made to measure: a row of parts, looked up, written and joined.

What is made holds names of ours alone; every text and function that it needs is
handed to it as an object, so nothing that somebody wrote is ever read as Python.
"""

from collections.abc import Callable
from typing import Any

from . import reading
from .reading import Context, Wanted

Write = Callable[[Context], str]
WriteEach = Callable[[Context, list[Any]], str]


class Straight:
    """A function in the making.

    *forms* writes a string, *show* any value, each as a row with a string for every
    section; *nothing* is such a row for a value that is missing.
    """

    def __init__(
        self,
        forms: Callable[[str], Any],
        show: Callable[[Any], Any],
        nothing: tuple[str, ...],
    ) -> None:
        self._objects = {"forms": forms, "show": show, "nothing": nothing}
        self._lines: list[str] = []
        self._row: list[str] = []
        self._text = ""
        self._variables: dict[Wanted, str] = {}

    def add_text(self, text: str) -> None:
        self._text += text

    def add_value(self, wanted: Wanted, section: int) -> None:
        """What the context holds for *wanted*, as *section* writes it."""
        if wanted not in self._variables:
            variable = self._variables[wanted] = f"v{len(self._variables)}"
            self._look_up(wanted, variable)
        self._add(f"{self._variables[wanted]}[{section}]")

    def add_call(self, write: Write) -> None:
        self._add(f"{self._name(write)}(context)")

    def function(self) -> Write:
        body = [*self._lines, f"return {self._join()}"]
        write: Write = self._make("context", body)
        return write

    def loop(self, name: str) -> WriteEach:
        """The same for one item after another, each in the context as *name*."""
        body = [*self._lines, f"rows.append({self._join()})"]
        whole = [
            "context = dict(context)",
            "rows = []",
            "for item in items:",
            f"    context[{self._name(name)}] = item",
            *(f"    {line}" for line in body),
            'return "".join(rows)',
        ]
        write: WriteEach = self._make("context, items", whole)
        return write

    def _look_up(self, wanted: Wanted, variable: str) -> None:
        """``{{ group.name }}``, which nearly every output is, without a call."""
        if wanted.filters or len(wanted.names) != 2:
            read = self._name(reading.read(wanted))
            self._lines.append(f"{variable} = show({read}(context))")
            return
        group, name = map(self._name, wanted.names)
        self._lines += [
            "try:",
            f"    {variable} = context[{group}][{name}]",
            "except (KeyError, TypeError):",
            f"    {variable} = nothing",
            "else:",
            f"    if type({variable}) is str:",
            f"        {variable} = forms({variable})",
            "    else:",
            f"        {variable} = show({variable})",
        ]

    def _add(self, expression: str) -> None:
        self._end_text()
        self._row.append(expression)

    def _end_text(self) -> None:
        if self._text:
            self._row.append(self._name(self._text))
            self._text = ""

    def _join(self) -> str:
        self._end_text()
        if len(self._row) == 1:
            return self._row[0]
        return f'"".join(({", ".join(self._row)}))'

    def _name(self, value: Any) -> str:
        """A name by which the function finds *value*."""
        name = f"o{len(self._objects)}"
        self._objects[name] = value
        return name

    def _make(self, arguments: str, body: list[str]) -> Any:
        lines = [f"def write({arguments}):", *(f"    {line}" for line in body)]
        objects = dict(self._objects)
        exec("\n".join(lines), objects)  # noqa: S102 - of our own names, see above
        return objects["write"]
