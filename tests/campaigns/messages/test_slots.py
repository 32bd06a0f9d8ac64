"""The compiled way gives what python-liquid gives, for any template and context."""

import quopri

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.messages import quoted, syntax
from campaigns.messages.slots import text_program
from campaigns.messages.syntax import BadSource
from campaigns.messages.wire import quoted_program

# What is compiled, and beside it what is left to python-liquid: one such part sends
# the whole template there, so sources are made of either or of both.
USUAL = {
    "names": ["a.x", "a.y", "b.x", "b.missing", "a", "missing", "b.list"],
    "items": ["item", "item.n", "item.missing", "a.y"],
    "filters": [
        "",
        ' | default: "none"',
        " | upcase",
        " | downcase | capitalize",
        " | strip",
        " | truncate: 5",
        ' | truncate: 5, "!"',
        " | truncatewords: 1",
        " | size",
        " | in_url",
        " | in_address",
        " | default: 1",
        ' | default: "1"',
    ],
    "tests": [
        "{n}",
        '{n} == "k"',
        '{n} != "k"',
        "{n} and a.y",
        "a.x or {n}",
        'a.x or {n} and a.y == "k"',
    ],
    "loops": ["item in b.list", "item in a", "item in a.x", "b in b.list"],
    "other": [""],
}
UNUSUAL = {
    "names": ["a.x.size", "a.first", "a['x']", "b.list[0]"],
    "items": ["forloop.index", "item.n.size"],
    "filters": [
        ' | join: ", "',
        " | first",
        " | default: a.y",
        " | default: nil",
        # What python-liquid takes for escaped, because the source says it.
        ' | default: "<b>&"',
        ' | truncate: 3, "<&>"',
    ],
    "tests": ["{n} == nil", "{n} == blank", '{n} contains "a"', "{n} == 1", "{n} > 1"],
    "loops": ["item in b.list reversed", "item in b.list limit: 2", "i in (1..3)"],
    "other": ['{% assign z = "v" %}{{ z }}', "{% break %}"],
}
BOTH = {key: USUAL[key] + UNUSUAL[key] for key in USUAL}

static = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="{}\r"), max_size=12
)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=100),
    st.sampled_from(["k", "", " ", "<b>&'\"", "ñ😀", "a=b", ".", "a\nb"]),
)
items = st.one_of(values, st.dictionaries(st.just("n"), values, max_size=1))


def make_sources(parts):
    def outputs(names):
        pairs = st.tuples(st.sampled_from(names), st.sampled_from(parts["filters"]))
        return pairs.map(lambda pair: f"{{{{ {pair[0]}{pair[1]} }}}}")

    def conditions(names):
        pairs = st.tuples(st.sampled_from(names), st.sampled_from(parts["tests"]))
        return pairs.map(lambda pair: pair[1].replace("{n}", pair[0]))

    def rows(inner):
        return st.lists(inner, max_size=3).map("".join)

    def branches(names, inner):
        kinds = st.sampled_from(["if", "unless"])
        branch = st.tuples(kinds, conditions(names), rows(inner), rows(inner))
        elsif = st.tuples(
            *(conditions(names), rows(inner), conditions(names), rows(inner))
        )
        return branch.map(
            lambda p: f"{{% {p[0]} {p[1]} %}}{p[2]}{{% else %}}{p[3]}{{% end{p[0]} %}}"
        ) | elsif.map(
            lambda p: f"{{% if {p[0]} %}}{p[1]}{{% elsif {p[2]} %}}{p[3]}{{% endif %}}"
        )

    def loops(inner):
        heads = st.sampled_from(parts["loops"])
        return st.tuples(heads, rows(inner), rows(inner)).map(
            lambda p: f"{{% for {p[0]} %}}{p[1]}{{% else %}}{p[2]}{{% endfor %}}"
        )

    names, items = parts["names"], parts["items"]
    plain = static | outputs(names)
    in_loop = static | outputs(items) | branches(items, static | outputs(items))
    whole = plain | branches(names, plain | loops(in_loop)) | loops(in_loop)
    return rows(whole | st.sampled_from(parts["other"]))


sources = make_sources(USUAL) | make_sources(BOTH)
facts = st.fixed_dictionaries({"x": values, "y": values})
rows = st.lists(items, max_size=4)
contexts = st.fixed_dictionaries(
    {
        # Now and then a context of another shape than the template expects.
        "a": facts | facts | facts | values,
        "b": st.fixed_dictionaries({"x": values, "list": rows | rows | values}),
    }
)


def outcome(deed):
    """What came of *deed*: ("filled", text), or ("refused", code)."""
    try:
        return "filled", deed()
    except BadSource as error:
        return "refused", error.code


def decode(encoded: str) -> str:
    octets = encoded.encode("ascii")
    return quopri.decodestring(octets).decode().replace("\r\n", "\n")


def assert_quoted(encoded: str) -> None:
    assert all(len(line) <= 76 for line in encoded.split("\r\n"))
    assert "\n" not in encoded.replace("\r\n", "")


def with_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@settings(max_examples=300, deadline=None)
@given(source=make_sources(USUAL))
def test_usual_templates_are_compiled(source):
    assert text_program(syntax.parse(source)).is_compiled


@settings(max_examples=300, deadline=None)
@given(source=sources, context=contexts, html=st.booleans())
def test_compiled_equals_python_liquid(source, context, html):
    template = syntax.parse(source, syntax.HTML if html else syntax.TEXT)
    wanted = outcome(lambda: syntax.render(template, context))
    assert outcome(lambda: text_program(template).fill(context)) == wanted


@settings(max_examples=300, deadline=None)
@given(source=sources, other=sources, context=contexts)
def test_quoted_printable_decodes_to_what_python_liquid_gives(source, other, context):
    text = syntax.parse(source)
    html = syntax.parse(other, syntax.HTML)
    wanted = outcome(
        lambda: syntax.render(text, context) + syntax.render(html, context)
    )
    found = outcome(lambda: quoted_program(text, html).fill(context))
    assert found[0] == wanted[0]
    if found[0] == "filled":
        assert_quoted(found[1])
        assert decode(found[1]) == with_newlines(wanted[1])
    else:
        assert found == wanted


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(texts, texts)))
def test_pieces_of_quoted_printable_may_be_joined(pairs):
    joined = "".join(
        quoted.quote(literal) + quoted.quote_value(value) + quoted.SOFT
        for literal, value in pairs
    )
    assert_quoted(joined)
    wanted = "".join(with_newlines(a) + with_newlines(b) for a, b in pairs)
    assert decode(joined) == wanted


@pytest.mark.parametrize(
    "source",
    [
        "{{ a.x }} and {{ b.x | default: 'you' }}",
        "{% if a.x %}yes{% else %}no{% endif %}",
        '{% if a.x == "k" and b.x %}yes{% endif %}',
        "{% for item in b.list %}{{ item.n }}{% endfor %}",
    ],
)
def test_what_messages_mostly_hold_is_compiled(source):
    assert text_program(syntax.parse(source)).is_compiled


def test_a_list_beyond_the_limit_is_refused_as_python_liquid_does():
    template = syntax.parse("{% for item in b.list %}x{% endfor %}")
    with pytest.raises(BadSource) as caught:
        text_program(template).fill({"b": {"list": ["x"] * 1_001}})
    assert caught.value.code == "LoopIterationLimitError"
