"""What keeps a message from being published, each said with what to do and where."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from . import balance, brands, guard, placeholders, syntax
from .build import Source, build, build_fragment
from .models import LANGUAGES, Brand, Message, MessageText, Purpose
from .syntax import BadSource

#: Gmail cuts off what is longer, and with it the footer.
HTML_LIMIT = 100_000

LOCAL_NAMES = {"forloop"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: a sentence, and the language, field and line it is about."""

    sentence: str
    language: str = ""
    field: str = ""
    line: int | None = None

    def __str__(self) -> str:
        return self.sentence


def find(message: Message) -> list[Problem]:
    """Return all that is wrong with *message*; empty when it can be published."""
    texts = list(message.texts.all())
    found = [*_in_brand(message.brand), *_in_languages(message.brand, texts)]
    for text in texts:
        found += in_text(text, message.purpose, brands.describe(message.brand))
    return found


def in_text(
    text: MessageText, purpose: str, brand: dict[str, str]
) -> Iterator[Problem]:
    """Yield what is wrong with one language of a message."""
    name = dict(LANGUAGES).get(text.language, text.language)
    broken = False
    for field, source in (
        ("subject", text.subject),
        ("preheader", text.preheader),
        ("body", text.body),
    ):
        for problem in _in_source(source, name, text.language, field):
            broken = True
            yield problem
    if not broken:
        yield from _in_mail(text, purpose, brand, name)


def _in_brand(brand: Brand) -> Iterator[Problem]:
    wanted = {
        brand.sender_name: _("Enter the sender's name in the brand “%(brand)s”."),
        brand.sender_email: _("Enter the sender's address in the brand “%(brand)s”."),
        brand.postal_address: _(
            "Enter the postal address in the brand “%(brand)s”: the law wants it in "
            "every message."
        ),
    }
    for value, sentence in wanted.items():
        if not value.strip():
            yield Problem(sentence % {"brand": brand.name}, field="brand")
    for value, check in (
        (brand.name, guard.validate_name),
        (brand.sender_name, guard.validate_name),
        (brand.sender_email, guard.validate_address),
    ):
        try:
            check(value)
        except ValidationError as error:
            sentence = _("Correct the brand “%(brand)s”: %(problem)s")
            facts = {"brand": brand.name, "problem": " ".join(error.messages)}
            yield Problem(sentence % facts, field="brand")


def _in_languages(brand: Brand, texts: Iterable[MessageText]) -> Iterator[Problem]:
    present = {text.language for text in texts}
    if not (present or brand.languages):
        yield Problem(_("Write the message in at least one language."))
    for language in brand.languages:
        if language not in present:
            sentence = _(
                "Write the message in %(language)s: the brand “%(brand)s” writes in "
                "this language too."
            )
            name = dict(LANGUAGES).get(language, language)
            facts = {"language": name, "brand": brand.name}
            yield Problem(sentence % facts, language=language)


def _in_source(source: str, name: str, language: str, field: str) -> Iterator[Problem]:
    where = {"language": name, "field": _label(field)}
    if not source.strip():
        if field != "preheader":
            sentence = _("%(language)s: enter the %(field)s.")
            yield Problem(sentence % where, language, field)
        return
    if field != "body" and guard.UNSAFE.search(source):
        sentence = _(
            "%(language)s: remove line breaks and invisible characters from the "
            "%(field)s."
        )
        yield Problem(sentence % where, language, field)
        return
    try:
        template = syntax.parse(source)
        if field == "body":
            balance.check(build_fragment(Source("", "", source)))
    except BadSource as error:
        yield Problem(explain(error, where), language, field, error.line)
        return
    known = placeholders.known()
    for asked, offset in sorted(syntax.names(template), key=lambda pair: pair[1]):
        if asked not in known and asked not in LOCAL_NAMES:
            line = syntax.line_of(source, offset)
            sentence = _(
                "%(language)s, %(field)s, line %(line)s: “%(name)s” is not a "
                "placeholder. Choose one from the list beside the text."
            )
            facts = {**where, "line": line, "name": asked}
            yield Problem(sentence % facts, language, field, line)


def _in_mail(
    text: MessageText, purpose: str, brand: dict[str, str], name: str
) -> Iterator[Problem]:
    source = Source(text.subject, text.preheader, text.body)
    try:
        mail = build(source, language=text.language, purpose=purpose, brand=brand)
    except BadSource as error:
        where = {"language": name, "field": _label("body")}
        yield Problem(explain(error, where), text.language, "body", error.line)
        return
    if len(mail.html.encode()) > HTML_LIMIT:
        sentence = _(
            "%(language)s: the message is longer than 100 kB, and Gmail would cut "
            "off its footer. Shorten the text."
        )
        yield Problem(sentence % {"language": name}, text.language, "body")
    if purpose == Purpose.MARKETING and "links.unsubscribe" not in mail.html:
        sentence = _("%(language)s: the link to leave is missing from the footer.")
        yield Problem(sentence % {"language": name}, text.language, "body")


def _label(field: str) -> str:
    return str(MessageText._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def explain(error: BadSource, where: dict[str, str]) -> str:
    """A sentence for a source that cannot be used."""
    sentence = _sentences().get(error.code)
    if sentence is None:
        sentence = _(
            "%(language)s, %(field)s, line %(line)s: this placeholder or condition "
            "cannot be read: %(about)s. Compare it with the examples beside the text."
        )
    line = "?" if error.line is None else error.line
    return sentence % {**where, "line": line, "about": error.about}


def _sentences() -> dict[str, str]:
    return {
        "too_long": _(
            "%(language)s: the %(field)s is longer than 100,000 characters. Shorten it."
        ),
        "too_many_tags": _(
            "%(language)s: the %(field)s holds too many placeholders. Use fewer."
        ),
        "too_deep": _(
            "%(language)s: the conditions in the %(field)s are nested too deeply. "
            "Simplify them."
        ),
        "BlockNestingError": _(
            "%(language)s: the conditions in the %(field)s are nested too deeply. "
            "Simplify them."
        ),
        "unclosed": _(
            "%(language)s, %(field)s, line %(line)s: a block (%(about)s) begins here "
            "and never ends. Write {%% end%(about)s %%} where it shall end."
        ),
        "unknown_filter": _(
            "%(language)s, %(field)s, line %(line)s: the filter “%(about)s” does not "
            "exist here. Remove it."
        ),
        "range_outside_loop": _(
            "%(language)s, %(field)s, line %(line)s: numbers from … to … may only "
            "stand in a loop (for). Remove them."
        ),
        "LoopIterationLimitError": _(
            "%(language)s: a loop in the %(field)s runs too often. Shorten it."
        ),
        "OutputStreamLimitError": _(
            "%(language)s: the %(field)s becomes too long when filled in. Shorten it."
        ),
        "LocalNamespaceLimitError": _(
            "%(language)s: the %(field)s keeps too much in its variables. Remove some."
        ),
        "UndefinedError": _(
            "%(language)s, %(field)s: a value is missing when the message is filled "
            "in (%(about)s). Check the names in its loops and conditions."
        ),
        "condition_in_link": _(
            "%(language)s, %(field)s: “%(about)s” stands inside a link's address. Put "
            "the condition around the whole link."
        ),
        "value_as_link": _(
            "%(language)s, %(field)s: “%(about)s” is used as a link's address. Only "
            "links from the list (links.…) may stand there."
        ),
        "incomplete_link": _(
            "%(language)s, %(field)s: the link “%(about)s” is incomplete. Begin it "
            "with https:// or choose one from the list."
        ),
        "unbalanced": _(
            "%(language)s, %(field)s: the block “%(about)s” begins inside a paragraph, "
            "list or bold text and ends outside it. Put its tags on lines of their own."
        ),
        "trial": _(
            "%(language)s: the message takes too much time or memory to fill in. "
            "Simplify its loops and conditions."
        ),
    }
