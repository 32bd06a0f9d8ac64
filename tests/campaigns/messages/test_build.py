"""From Markdown and Liquid to HTML and text."""

import re

import pytest

from campaigns.messages import syntax
from campaigns.messages.build import Source, build_fragment
from campaigns.messages.syntax import BadSource

from .mails import BRAND, CONTEXT, compiled, templates


def fragment(body: str) -> str:
    return build_fragment(Source("", "", body))


def fill(body: str, **context) -> str:
    html = syntax.render(syntax.parse(fragment(body), syntax.HTML), CONTEXT | context)
    return re.sub(r"\s+", "", html)


def test_conditions_between_paragraphs_leave_no_empty_paragraph():
    body = "One\n\n{% if rep.name %}\nTwo\n{% endif %}\nThree"
    assert fill(body) == "<p>One</p><p>Two</p><p>Three</p>"
    assert fill(body, rep={}) == "<p>One</p><p>Three</p>"


def test_a_loop_around_list_items_makes_one_list():
    body = "{% for l in order.lines %}\n- {{ l.name }}\n{% endfor %}"
    items = "<li>Tornillo&lt;M8&gt;</li><li>Arandela</li>"
    assert fill(body) == f"<ul>{items}</ul>"
    assert fill(body + "\n- last") == f"<ul>{items}<li>last</li></ul>"
    assert fill("- first\n" + body) == f"<ul><li>first</li>{items}</ul>"


def test_a_condition_inside_a_list_keeps_it_one_list():
    body = "1. a\n{% if rep.name %}\n2. b\n{% endif %}\n3. c"
    assert fill(body) == "<ol><li>a</li><li>b</li><li>c</li></ol>"
    assert fill(body, rep={}) == "<ol><li>a</li><li>c</li></ol>"


def test_a_condition_that_ends_within_a_list_does_not_tear_it():
    body = "{% if rep.name %}\n- a\n{% endif %}\n\n- b"
    assert fill(body).count("<ul>") == fill(body).count("</ul>")
    assert fill(body, rep={}).count("<ul>") == fill(body, rep={}).count("</ul>")


def test_a_loop_around_table_rows_stays_in_the_table():
    body = (
        "| Product | Qty |\n|---|--:|\n{% for l in order.lines %}\n"
        "| {{ l.name }} | {{ l.quantity }} |\n{% endfor %}\n"
    )
    html = fill(body)
    assert html.count("<tr>") == 3
    assert html.index("<tbody>") < html.index("Tornillo") < html.index("</tbody>")


def test_a_link_marked_as_button_becomes_a_button():
    html = fragment("[Go on]({{ links.store }}){.button}")
    assert '<table class="button">' in html
    assert '<a href="{{ links.store }}" class="button">Go on</a>' in html
    assert "{.button}" not in html


def test_a_button_within_a_sentence_stays_in_its_sentence():
    html = fragment("Please [go on]({{ links.store }}){.button} now")
    assert "<table" not in html
    assert "{.button}" not in html


def test_html_typed_by_hand_is_shown_not_obeyed():
    html = fragment("<b onclick=alert(1)>x</b>\n\n<script>alert(1)</script>")
    assert "<b" not in html
    assert "<script" not in html
    assert "&lt;script&gt;" in html


XSS = [
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    '![x" onerror="alert(1)](https://a.example/x.png)',
    '[x](https://a.example "t\\" onmouseover=\\"alert(1)")',
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<a href='https://a.example' style='position:fixed'>x</a>",
    "<!-- --><script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "<style>@import url(https://evil.example/x.css)</style>",
    "<math><mi//xlink:href='data:x,<script>alert(4)</script>'>",
    '<https://a.example/"onmouseover=alert(1)>',
    "# <script>alert(1)</script>",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
]


@pytest.mark.parametrize("body", XSS)
def test_no_source_reaches_the_mail_as_a_script(body):
    try:
        html = fragment(body)
    except BadSource:
        return
    for tag in re.findall(r"<[^>]*>", html):
        assert re.match(r"</?(p|a|img|code|h1|table|thead|tbody|tr|th|td|br)\b", tag)
        assert not re.search(r"(href|src)=\"(?!https://a\.example)", tag)
        bare = re.sub(r'"[^"]*"', '""', tag)
        assert not re.search(r"\s(on\w+|style)=", bare)


NAMES = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "[click](https://evil.example)",
    "**bold** _it_",
    "{{ links.store }}",
    "{% if true %}x{% endif %}",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_value_is_shown_as_it_is_and_does_nothing(name):
    body = (
        'Hi {{ buyer.first_name }} [x](https://a.example/?n={{ buyer.first_name }} "t")'
    )
    mail = compiled(body).fill(CONTEXT | {"buyer": {"first_name": name}})
    assert f"Hi {name} x (" in mail.text
    assert "<script" not in mail.html
    assert "<img" not in mail.html
    assert mail.html.count("<a ") == compiled(body).fill(CONTEXT).html.count("<a ")
    assert "evil.example" not in re.sub(r">[^<]*<", "><", mail.html).replace(
        "%2F%2Fevil.example", ""
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("[x]({{ buyer.first_name }})", "value_as_link"),
        ("[x]({{ links.store | default: buyer.first_name }})", "value_as_link"),
        ("[x]({% if rep.name %}https://a.example{% endif %})", "condition_in_link"),
        ("[x](https://a.example/{% if rep.name %}b{% endif %})", "condition_in_link"),
        ("[x](/relative)", "incomplete_link"),
        ("[x](//evil.example)", "incomplete_link"),
        ("[x](www.example.com)", "incomplete_link"),
    ],
)
def test_a_link_whose_end_is_unsure_is_refused(body, code):
    with pytest.raises(BadSource) as caught:
        fragment(body)
    assert caught.value.code == code


def test_values_inside_an_address_are_escaped_for_it():
    mail = compiled().fill(CONTEXT)
    assert "https://store.example?ref=A%2F1%20%262" in mail.text
    assert 'href="https://store.example?ref=A%2F1%20%262"' in mail.html
    assert 'href="mailto:luis+pedidos@norte.example"' in mail.html
    assert 'href="https://store.example/i/abc?x=1&amp;y=2"' in mail.html


def test_the_text_part_says_the_same_without_marks():
    text = compiled().fill(CONTEXT).text
    assert text.startswith("Hello Ana,\n\nSur & Cía may order online (https://")
    assert "Ask Luis by mail (luis+pedidos@norte.example).\n\n" in text
    assert "Just ask us" not in text
    assert "Accept the invitation:\nhttps://store.example/i/abc?x=1&y=2\n" in text
    assert "- Tornillo <M8>: 200\n- Arandela: 12\n" in text
    assert "C/ Mayor 1\n50001 Zaragoza" in text
    assert text.rstrip().endswith("https://norte.example/u/token")


def test_every_mail_names_its_sender_and_commercial_ones_the_way_out():
    for purpose in ("marketing", "service"):
        mail = compiled(purpose=purpose).fill(CONTEXT)
        assert "C/ Mayor 1<br" in mail.html
        assert "Norte &amp; Hijos, S.L." in mail.html
        leaves = "https://norte.example/u/token" in mail.html
        assert leaves == (purpose == "marketing")
        assert ("https://norte.example/u/token" in mail.text) == leaves


def test_the_preview_line_comes_first_in_the_body():
    mail = compiled(preheader="For {{ account.name }}").fill(CONTEXT)
    body = mail.html.partition("<body")[2]
    assert body.index("For Sur &amp; Cía") < body.index("Norte &amp; Hijos")


@pytest.mark.parametrize(
    "value", ['"><img src=x onerror=alert(1)>', "<script>alert(1)</script>", "]]>-->"]
)
def test_brand_values_cannot_bring_markup(value):
    words = ("name", "postal_address", "store_name")
    mail = compiled(brand=BRAND | dict.fromkeys(words, value)).fill(CONTEXT)
    # Inside an attribute's quotes "<" is text.
    bare = re.sub(r'="[^"]*"', "", mail.html)
    assert "<img" not in bare
    assert "<script" not in bare
    assert bare.count("<body") == 1


def test_brand_values_cannot_bring_liquid():
    mail = compiled(brand=BRAND | {"name": "{{ buyer.email }}"}).fill(CONTEXT)
    assert "ana@sur.example" not in mail.html + mail.text
    assert "{{ buyer.email }}" in mail.html
    assert "{{ buyer.email }}" in mail.text


def test_liquid_put_together_from_escaped_pieces_stays_text():
    mail = compiled(body=r"{\{ buyer.email }} &#123;{ buyer.email }} {\% if x %}")
    filled = mail.fill(CONTEXT)
    assert "{{ buyer.email }}" in filled.html
    assert "{{ buyer.email }}" in filled.text
    assert "ana@sur.example" not in filled.html


def test_nothing_is_loaded_from_elsewhere():
    html = templates(body="Hello").html
    assert "url(" not in html
    assert "@import" not in html
    assert "<link" not in html


def test_words_that_stand_for_liquid_never_stay():
    mail = templates()
    assert not re.search(r"zq[0-9a-f]{6}v\d+x", mail.html + mail.text)
    assert "bodystandshere" not in mail.html
