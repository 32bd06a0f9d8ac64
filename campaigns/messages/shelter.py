"""Hides Liquid while Markdown, MJML and the CSS inliner work on the text around it.

Each tag is replaced by a word of lower-case letters and digits that no source
holds and no tool changes; afterwards the tags are put back.
"""

import re
from hashlib import sha256

from .syntax import TAG, BadSource

_OUTPUT = re.compile(r"{{-?(.*?)-?}}", re.DOTALL)
_SCHEMES = ("https://", "http://", "mailto:", "tel:")


class Shelter:
    """The tags of one source, and the words that stand for them."""

    def __init__(self, *sources: str) -> None:
        self.tags: list[str] = []
        self._prefix = _choose_prefix("\0".join(sources))
        self.word = re.compile(self._prefix + r"(\d+)x")
        self._comment = re.compile(f"<!--((?:{self.word.pattern})+)-->")

    def hide(self, source: str) -> str:
        return TAG.sub(lambda found: self.add(found[0]), source)

    def add(self, tag: str) -> str:
        """Keep *tag* and return the word that stands for it."""
        self.tags.append(tag)
        return f"{self._prefix}{len(self.tags) - 1}x"

    def show(self, text: str) -> str:
        """Put the tags back, those in comments of their own included.

        What else looks like Liquid by now came from elsewhere and stays text.
        """
        text = self._comment.sub(lambda found: found[1], text)
        for sign in ("{{", "{%"):
            if sign in text:
                text = text.replace(sign, self.add(f"{{{{ '{sign}' }}}}"))
        return self.word.sub(lambda found: self.tags[int(found[1])], text)

    def is_block(self, line: str) -> bool:
        """Whether *line* holds tags such as ``{% if %}`` and nothing else."""
        words = self.word.findall(line)
        return (
            bool(words)
            and not self.word.sub("", line).strip()
            and all(self.tags[int(number)].startswith("{%") for number in words)
        )

    def tags_in(self, text: str) -> list[str]:
        return [self.tags[int(number)] for number in self.word.findall(text)]

    def escape_address(self, address: str) -> str:
        """Make each value inside a link's *address* fit for where it stands.

        Raises `BadSource` unless the address begins in plain sight, with a scheme we
        know, or is one of our own links.
        """
        scheme = address.partition(":")[0].lower()
        wanted = "in_address" if scheme in {"mailto", "tel"} else "in_url"

        def fit(found: re.Match[str]) -> str:
            tag = self.tags[int(found[1])]
            output = _OUTPUT.fullmatch(tag)
            if not output:
                raise BadSource("condition_in_link", tag)
            expression = output[1].strip()
            if found.start() == 0:
                if not expression.startswith("links.") or "|" in expression:
                    raise BadSource("value_as_link", tag)
                return found[0]
            return self.add(f"{{{{ {expression} | {wanted} }}}}")

        if not address.lower().startswith(_SCHEMES) and not self.word.match(address):
            raise BadSource("incomplete_link", self.show(address))
        return self.word.sub(fit, address)


def _choose_prefix(sources: str) -> str:
    number = 0
    while True:
        digest = sha256(f"{number}\0{sources}".encode("utf-8", "replace")).hexdigest()
        prefix = f"zq{digest[:6]}v"
        if prefix not in sources.lower():
            return prefix
        number += 1
