from __future__ import annotations

import pytest
from hypothesis import given

from multistatus_app.formats.dav import names
from tests import outcomes_strategies as strategies
from tests.xml import parse as parse_safely


class TestNames:
    @pytest.mark.parametrize(
        ("name", "escaped"),
        [
            ("population", "population"),
            ("pos_x", "pos_x"),
            ("max_xyz", "max_xyz"),
            ("xmlName", "xmlName"),
            ("väkiluku", "väkiluku"),
            ("名前", "名前"),
            ("", "_x_"),
            ("_x_", "_x005F_x_"),
            ("2nd", "_x0032_nd"),
            ("-a", "_x002D_a"),
            ("a-b.c", "a-b.c"),
            ("a b", "a_x0020_b"),
            ("ns:name", "ns_x003A_name"),
            ("_x0041_", "_x005F_x0041_"),
            ("a_x0041_", "a_x005F_x0041_"),
            ("_x0041", "_x0041"),
            ("_x0041 ", "_x005F_x0041_x0020_"),
            ("\U0001f600", "_x0001F600_"),
            ("\ud800", "_xD800_"),
            ("\x00", "_x0000_"),
        ],
    )
    def test_escape(self, name, escaped):
        assert names.escape_name(name) == escaped
        assert names.unescape_name(escaped) == name

    def test_unescape_what_is_no_character(self):
        assert names.unescape_name("_x0010FFFF_") == "\U0010ffff"
        assert names.unescape_name("_x00110000_") == "_x00110000_"
        assert names.unescape_name(names.escape_name("_xFFFFFFFF_")) == "_xFFFFFFFF_"

    @given(strategies.texts)
    def test_reversible(self, name):
        assert names.unescape_name(names.escape_name(name)) == name

    @given(strategies.texts)
    def test_is_a_name(self, name):
        tag = names.escape_name(name)

        assert parse_safely(f"<a:{tag} xmlns:a='x'/>".encode()).tag == f"{{x}}{tag}"

    def test_every_character_is_a_name_to_every_parser(self):
        plain = [
            each
            for code in range(0x10000)
            if (each := chr(code)) == names.escape_name(each)
        ]

        document = "".join(f"<a:{each}/><a:a{each}/>" for each in plain)
        root = parse_safely(f"<a:a xmlns:a='x'>{document}</a:a>".encode())

        assert len(root) == 2 * len(plain)
        assert len(plain) > 30_000
