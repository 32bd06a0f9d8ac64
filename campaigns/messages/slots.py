"""The compiled way to fill templates: static parts ready, values put between them.

Plain placeholders with filters, conditions on them and short loops are compiled
from python-liquid's own parse tree; a template with anything else, and a context
that is out of the ordinary, goes to python-liquid itself. Both give the same.
"""

from collections.abc import Sequence

from liquid import BoundTemplate
from markupsafe import escape

from .compiling import Compiler, Forms, Section
from .reading import Context, Unusual
from .straight import Write
from .syntax import OUTPUT_LIMIT, render


class Program:
    """Templates that are filled together: `fill` gives what python-liquid would, one
    section after the other.

    *forms* returns a value as each of the sections writes it, escaped where it must
    be. So a value that stands in all of them is looked up and judged once.
    """

    def __init__(self, sections: Sequence[Section], forms: Forms) -> None:
        self._sections = sections
        self._write: Write | None
        try:
            self._write = Compiler(sections, forms).whole()
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
            # python-liquid counts each section, and says which limit was broken.
            return self._fill_slowly(context)
        return filled

    def _fill_slowly(self, context: Context) -> str:
        return "".join(
            one.before + one.static(render(one.template, dict(context)))
            for one in self._sections
        )


def text_program(template: BoundTemplate) -> Program:
    """The program that fills *template* as text."""
    forms = _escaped if template.env.autoescape else _itself
    return Program([Section(template, _same, _same)], forms)


def _itself(value: str) -> tuple[str]:
    return (value,)


def _escaped(value: str) -> tuple[str]:
    return (str(escape(value)),)


def _same(text: str) -> str:
    return text
