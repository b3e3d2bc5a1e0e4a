from __future__ import annotations

import pytest

from multistatus_app.exceptions import MalformedBatch
from multistatus_app.formats.dav import reading
from tests.formats.dav.reading import parse, read
from tests.formats.dav.writing import NAMESPACES
from tests.xml import XSI

MISPLACED = (
    '<{}> is in {}; fields are in "urn:multistatus:fields", and <m:item> is in '
    '"urn:multistatus".'
)


class TestReadValue:
    @pytest.mark.parametrize(
        ("content", "value"),
        [
            ("", ""),
            (" a ", " a "),
            ("a<!-- b -->c<?d e?>f", "acf"),
            ("<![CDATA[<a>&]]>", "<a>&"),
            ("&#65;&amp;", "A&"),
            ("<f:a>1</f:a> \n <f:b/>", {"a": "1", "b": ""}),
            ("<m:item>1</m:item>\n<m:item> </m:item>", ["1", " "]),
            ("<f:a><m:item><f:b>1</f:b></m:item></f:a>", {"a": [{"b": "1"}]}),
            ("<f:a m:type='list'/><f:b m:type='object'> </f:b>", {"a": [], "b": {}}),
            ("<f:a m:type='other'/>", {"a": ""}),
            ("<f:a m:type='list'>1</f:a>", {"a": "1"}),
            ("<f:_x_>1</f:_x_><f:a_x0020_b/>", {"": "1", "a b": ""}),
            ("<x:a xmlns:x='urn:x'><f:b/></x:a>", ""),
            ("a<x:a xmlns:x='urn:x'>b</x:a>c", "ac"),
            ("<f:a/><x:a xmlns:x='urn:x'/>", {"a": ""}),
            ("<x:a xmlns:x='urn:x'><a/><m:other/></x:a>", ""),
            ("<f:a other='1' f:type='list'/>", {"a": ""}),
            ("<item xmlns='urn:multistatus'>1</item>", ["1"]),
        ],
    )
    def test_success(self, content, value):
        assert read(content) == value

    @pytest.mark.parametrize(
        ("nil", "value"),
        [("true", None), ("1", None), ("false", ""), ("0", ""), ("yes", "")],
    )
    def test_nil(self, nil, value):
        content = f"<f:a xmlns:x='{XSI[1:-1]}' x:nil='{nil}'/>"

        assert read(content) == {"a": value}

    @pytest.mark.parametrize(
        ("content", "message", "path"),
        [
            (
                "<f:tags>1</f:tags><f:tags>2</f:tags>",
                "The field <tags> stands twice in one object. A list is one field with "
                "its items in it: <m:item>…</m:item><m:item>…</m:item>.",
                ("tags",),
            ),
            (
                "<f:a><f:b/><m:item/></f:a>",
                "<a> has both fields and <m:item>; an object has fields, a list has "
                "<m:item>.",
                ("a",),
            ),
            (
                "text<f:a/>",
                "<item> has both text and elements; a value is a text, or fields, or "
                "<m:item>.",
                (),
            ),
            (
                "<f:a><m:item/><m:item><f:b/>text</m:item></f:a>",
                "<item> has both text and elements; a value is a text, or fields, or "
                "<m:item>.",
                ("a", 1),
            ),
            ("<name>Oulu</name>", MISPLACED.format("name", "no namespace"), ("name",)),
            (
                "<f:lines><m:item><f:sku/><a_x0020_b/></m:item></f:lines>",
                MISPLACED.format("a b", "no namespace"),
                ("lines", 0, "a b"),
            ),
            (
                "<f:a/><m:other>1</m:other>",
                MISPLACED.format("other", 'the namespace "urn:multistatus"'),
                ("other",),
            ),
            (
                "<a xmlns='urn:multistatus:field'/>",
                MISPLACED.format("a", 'the namespace "urn:multistatus:field"'),
                ("a",),
            ),
            (
                "<f:a><item xmlns=''>1</item></f:a>",
                MISPLACED.format("item", "no namespace"),
                ("a", "item"),
            ),
        ],
    )
    def test_fail(self, content, message, path):
        with pytest.raises(reading.OddContent) as caught:
            read(content)

        assert (caught.value.detail, caught.value.path) == (message, path)

    def test_fail_same_name_in_two_spellings(self):
        with pytest.raises(reading.OddContent, match="The field <a> stands twice"):
            read("<f:a/><f:_x0061_/>")

    def test_fields_of_an_odd_element(self):
        content = "<f:a>1</f:a><b/><f:c><f:d/>text</f:c><f:a>2</f:a><m:item/>text"
        element = parse(f"<m:item {NAMESPACES}>{content}</m:item>".encode())

        assert reading.read_fields(element) == {"a": "1", "c": None}

    def test_brace_in_a_namespace(self):
        """`{` and `}` part names in Clark notation; expat lets no `}` in."""
        with pytest.raises(MalformedBatch, match="not well-formed"):
            read("<x:b xmlns:x='urn:multistatus:fields}a'/>")
