from __future__ import annotations

import pytest
from hypothesis import given

from multistatus_app.formats.dav.values import escape_attribute, escape_text
from tests import outcomes_strategies as strategies
from tests.xml import clean
from tests.xml import parse as parse_safely


class TestText:
    @pytest.mark.parametrize(
        ("text", "escaped"),
        [
            ("plain", "plain"),
            ("a & b", "a &amp; b"),
            ("<b>]]>", "&lt;b&gt;]]&gt;"),
            ("a\r\n\tb", "a&#13;\n\tb"),
            ('"', '"'),
            ("\x00\x0b\x1f", "\ufffd\ufffd\ufffd"),
            ("\x7f\x85\u2028", "\x7f\x85\u2028"),
            ("\ud800\ufffe\uffff", "\ufffd\ufffd\ufffd"),
            ("\U0010ffff", "\U0010ffff"),
        ],
    )
    def test_text(self, text, escaped):
        assert escape_text(text) == escaped

    def test_attribute(self):
        assert escape_attribute('a\t\n\r"&<>\x00') == (
            "a&#9;&#10;&#13;&quot;&amp;&lt;&gt;\ufffd"
        )
        assert escape_attribute("it's plain") == "it's plain"

    @given(strategies.texts)
    def test_survives(self, text):
        content = f'<a a="{escape_attribute(text)}">{escape_text(text)}</a>'.encode()

        root = parse_safely(content)

        assert root.get("a") == clean(text)
        assert (root.text or "") == clean(text)
