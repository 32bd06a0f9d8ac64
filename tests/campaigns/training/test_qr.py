"""QR codes in the page."""

from defusedxml import ElementTree

from campaigns.training import qr


def test_a_code_is_one_harmless_drawing():
    drawn = qr.svg("https://norte.example/t/" + "x" * 60, 'Ana <b>"Ruiz"</b>')
    root = ElementTree.fromstring(drawn)
    assert root.tag.endswith("svg")
    assert "<b>" not in drawn
    assert "style=" not in drawn
    assert "script" not in drawn
