"""What a step's message says now beside what goes out: line by line, per language."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from campaigns.messages import brands, publish
from campaigns.messages.models import LANGUAGES, MessageText, VersionText
from campaigns.sequences.models import Step

SAME, GONE, NEW, LEFT_OUT = " ", "-", "+", "…"
#: Unchanged lines shown around a changed one.
_AROUND = 1


@dataclass(frozen=True, slots=True)
class Line:
    sign: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one language: only what differs, and what stands beside it."""

    language: str
    lines: Sequence[Line]


def is_newer(step: Step) -> bool:
    """Does the message say something else than what goes out?"""
    version = step.message_version
    return version is None or bytes(version.digest) != publish.digest_now(step.message)


def differences(step: Step) -> list[Difference]:
    """By language, of those whose words differ."""
    old = _by_language(step.message_version.texts.all() if step.message_version else ())
    new = _by_language(step.message.texts.all())
    return [
        Difference(name, list(_compare(old.get(code, []), new.get(code, []))))
        for code, name in LANGUAGES
        if old.get(code) != new.get(code)
    ]


def is_framed_otherwise(step: Step) -> bool:
    """Is the brand around it, its kind or its topic another one?"""
    version, message = step.message_version, step.message
    if version is None:
        return False
    framed = (version.brand, version.purpose, version.topic)
    return framed != (brands.describe(message.brand), message.purpose, message.topic)


def _by_language(
    texts: Iterable[MessageText | VersionText],
) -> Mapping[str, Sequence[str]]:
    return {
        text.language: [text.subject, text.preheader, *text.body.splitlines()]
        for text in texts
    }


def _compare(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for tag, i, j, k, m in SequenceMatcher(None, old, new, False).get_opcodes():
        if tag == "equal":
            yield from _shorten([Line(SAME, text) for text in old[i:j]])
            continue
        yield from (Line(GONE, text) for text in old[i:j])
        yield from (Line(NEW, text) for text in new[k:m])


def _shorten(same: Sequence[Line]) -> Iterator[Line]:
    if len(same) <= 2 * _AROUND + 1:
        yield from same
        return
    yield from same[:_AROUND]
    yield Line(LEFT_OUT)
    yield from same[-_AROUND:]
