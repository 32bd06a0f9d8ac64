"""The Liquid we accept: template bombs stop at a limit, programs do not exist."""

import time

import pytest

from campaigns.messages import syntax
from campaigns.messages.syntax import BadSource, parse, render

CONTEXT = {"buyer": {"first_name": "Ana"}, "list": {"of": list("abc")}}

REFUSED_WHEN_READ = {
    '{{ "x" | ljust: 200000000 }}': "unknown_filter",
    '{{ "x" | append: "y" }}': "unknown_filter",
    "{{ buyer.first_name | safe }}": "unknown_filter",
    "{% include 'self' %}": "LiquidSyntaxError",
    "{% render 'self' %}": "LiquidSyntaxError",
    "{% layout 'x' %}": "LiquidSyntaxError",
    "{% capture x %}{% endcapture %}": "LiquidSyntaxError",
    "{% tablerow i in (1..9) %}{% endtablerow %}": "LiquidSyntaxError",
    "{% increment x %}": "LiquidSyntaxError",
    "{% liquid\necho 'x' %}": "LiquidSyntaxError",
    "{% assign a = (1..100000000) %}{{ a | join: ',' }}": "range_outside_loop",
    "{{ (1..100000000) | join: ',' }}": "range_outside_loop",
    "{{ 'x' | default: (1..9) }}": "range_outside_loop",
    "{% if a %}{% if (1..9) contains 3 %}x{% endif %}{% endif %}": (
        "range_outside_loop"
    ),
    "{% for i in (1..9) %}{{ (1..9) }}{% endfor %}": "range_outside_loop",
    "{% if a %}": "unclosed",
    "{{ a": "LiquidSyntaxError",
    "{{ a b }}": "LiquidSyntaxError",
    "{% endif %}": "LiquidSyntaxError",
    "{% if a %}" * 10_000: "too_many_tags",
    "{% if a %}" * 100 + "{% endif %}" * 100: "BlockNestingError",
    "x" * 100_001: "too_long",
}
REFUSED_WHEN_FILLED = {
    "{% for i in (1..100000000) %}x{% endfor %}": "LoopIterationLimitError",
    "{% for i in (1..200) %}{% for j in (1..200) %}x{% endfor %}{% endfor %}": (
        "LoopIterationLimitError"
    ),
    "{% for i in (1..900) %}" + "x" * 1_000 + "{% endfor %}": "OutputStreamLimitError",
}


@pytest.mark.parametrize("source", REFUSED_WHEN_READ, ids=lambda text: text[:30])
def test_what_is_not_our_liquid_is_refused(source):
    with pytest.raises(BadSource) as caught:
        parse(source)
    assert caught.value.code == REFUSED_WHEN_READ[source]


@pytest.mark.parametrize("source", REFUSED_WHEN_FILLED, ids=lambda text: text[:30])
def test_bombs_stop_at_a_limit(source):
    template = parse(source)
    began = time.process_time()
    with pytest.raises(BadSource) as caught:
        render(template, CONTEXT)
    assert caught.value.code == REFUSED_WHEN_FILLED[source]
    # Generous: without the limit the first of them runs for minutes.
    assert time.process_time() - began < 5


def test_a_value_of_a_megabyte_stops_at_the_output_limit():
    with pytest.raises(BadSource):
        render(parse("{{ a.b }}"), {"a": {"b": "x" * 1_000_000}})


@pytest.mark.parametrize(
    "source",
    [
        "{{ buyer.__class__ }}",
        "{{ buyer.__class__.__mro__[1].__subclasses__ }}",
        "{{ buyer.first_name.format }}",
        "{{ buyer['__init__'].__globals__ }}",
        "{{ list.of.append }}",
        "{{ buyer.items }}",
    ],
)
def test_nothing_of_python_can_be_reached(source):
    assert render(parse(source), CONTEXT) == ""


def test_strict_filling_names_what_is_missing():
    template = parse("{{ buyer.nothing }}", syntax.STRICT_TEXT)
    with pytest.raises(BadSource) as caught:
        render(template, CONTEXT)
    assert caught.value.code == "UndefinedError"
    assert "nothing" in caught.value.about


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("one\ntwo {{ a b }}", 2),
        ("one\n\n{% if a == %}x{% endif %}", 3),
        ("one\n{{ a | nothing }}", 2),
        ("\n\n\n{{ }}", 4),
        ("a\nb\n{% include 'x' %}", 3),
    ],
)
def test_the_line_of_a_fault_is_told(source, line):
    with pytest.raises(BadSource) as caught:
        parse(source)
    assert caught.value.line == line


def test_names_are_those_asked_for_from_outside():
    template = parse(
        "{{ buyer.email }}{% for row in order.rows %}{{ row.name }}{% endfor %}"
        "{% assign hello = account.name %}{{ hello }}"
    )
    asked = {name for name, _offset in syntax.names(template)}
    assert asked == {"buyer.email", "order.rows", "account.name"}


def test_html_escapes_values_and_text_does_not():
    value = {"a": {"b": "<b>&\"'"}}
    assert render(parse("{{ a.b }}", syntax.HTML), value) == "&lt;b&gt;&amp;&#34;&#39;"
    assert render(parse("{{ a.b }}", syntax.TEXT), value) == "<b>&\"'"


@pytest.mark.parametrize(
    ("source", "about", "line"),
    [
        ("a\n{% if a %}\nb", "if", 2),
        ("{% if a %}\n{% for b in c %}\n{% endif %}", "for", 2),
        ("{% if a %}{% endif %}\n{% unless a %}{% if b %}{% endif %}", "unless", 2),
    ],
)
def test_a_block_that_never_ends_is_told_by_its_beginning(source, about, line):
    with pytest.raises(BadSource) as caught:
        syntax.parse(source)
    fault = caught.value
    assert (fault.code, fault.about, fault.line) == ("unclosed", about, line)


@pytest.mark.parametrize("source", ["{{ a b }}", "x\n{{ a", "{% endif %}"])
def test_what_cannot_be_read_is_shown_as_it_was_written(source):
    with pytest.raises(BadSource) as caught:
        syntax.parse(source)
    assert caught.value.about == source.splitlines()[-1]
    assert caught.value.line == len(source.splitlines())


@pytest.mark.parametrize(
    ("source", "about"),
    [
        ("Hi {{ a.b }}, {{ a.c | }} {{ a.d }}", "{{ a.c | }}"),
        ("{{ a.b }} {% if a == %}x{% endif %} {{ c }}", "{% if a == %}"),
        ("{{ a.b }} {% frob %} {{ c }}", "{% frob %}"),
        ("first {{ a.b }}\n{{ a.b }} {{ a.. }} {{ c }}", "{{ a.. }}"),
    ],
)
def test_of_several_tags_in_a_line_the_broken_one_is_told(source, about):
    with pytest.raises(BadSource) as caught:
        syntax.parse(source)
    assert (caught.value.about, caught.value.line) == (about, source.count("\n") + 1)
