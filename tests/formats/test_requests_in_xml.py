from __future__ import annotations

import pytest
from django.test import override_settings

from multistatus_app.exceptions import MalformedBatch
from multistatus_app.requests.elements import OddElement
from tests.formats.parsing import batch, bulk, parse


class TestBulk:
    def test_wire_example(self):
        """Requests in XML, as docs/wire.md has them."""
        assert bulk(
            "<m:item><name>Oulu</name><country>FI</country>"
            "<tags><m:item>1</m:item></tags></m:item>"
        ) == [{"name": "Oulu", "country": "FI", "tags": ["1"]}]

    def test_keys(self):
        assert bulk("\n <m:item>9</m:item>\n <m:item> x </m:item>\n") == ["9", " x "]

    def test_empty(self):
        assert bulk("") == []

    @pytest.mark.parametrize(
        ("item", "document"),
        [
            ("<m:item/>", {}),
            ("<m:item>\n</m:item>", {}),
            ("<m:item m:type='object'/>", {}),
            ("<m:item m:type='list'/>", []),
            ("<m:item xsi:nil='true'/>", None),
            ("<m:item><m:item>1</m:item></m:item>", ["1"]),
            ("<m:item><a xsi:nil='1'/><b>\n</b></m:item>", {"a": None, "b": "\n"}),
            ("<m:item><a><b><c>1</c></b></a></m:item>", {"a": {"b": {"c": "1"}}}),
            ("<m:item><_x0032_nd>1</_x0032_nd></m:item>", {"2nd": "1"}),
            ("<m:item><a><![CDATA[<b/>]]></a></m:item>", {"a": "<b/>"}),
            ("<m:item key='9' m:x='1'><a/></m:item>", {"a": ""}),
        ],
    )
    def test_item(self, item, document):
        assert bulk(item) == [document]

    def test_foreign_elements(self):
        """RFC 4918 17: what is not known is passed over."""
        assert bulk(
            "<x:a xmlns:x='urn:x'><m:item>1</m:item></x:a><m:note>2</m:note>"
            "<m:item>3</m:item>text<!-- 4 --><?five?>"
        ) == ["3"]

    def test_prefixes_are_free(self):
        assert parse(
            '<bulk xmlns="urn:multistatus" xmlns:m="urn:multistatus:fields">'
            "<item><m:a>1</m:a></item></bulk>"
        ) == [{"a": "1"}]

    def test_prefix_that_means_something_else(self):
        assert (
            parse(
                '<b:bulk xmlns:b="urn:multistatus" xmlns:m="urn:x">'
                "<m:item>1</m:item></b:bulk>"
            )
            == []
        )

    def test_odd_item(self):
        """It is the affair of one operation; its key and its fields are known."""
        first, odd, last = bulk(
            "<m:item><a>1</a></m:item>"
            "<m:item><id>7</id><tags>1</tags><tags>2</tags></m:item>"
            "<m:item><a>3</a></m:item>"
        )

        assert (first, last) == ({"a": "1"}, {"a": "3"})
        assert odd == OddElement(
            detail="The field <tags> stands twice in one object. A list is one field "
            "with its items in it: <m:item>…</m:item><m:item>…</m:item>.",
            pointer="#/tags",
            data={"id": "7", "tags": "1"},
        )

    def test_pointer_of_what_is_odd(self):
        (odd,) = bulk(
            "<m:item><a_x002F_b><m:item><c xmlns=''/></m:item></a_x002F_b></m:item>"
        )

        assert odd.pointer == "#/a~1b/0/c"

    def test_foreign_names(self):
        first, second = bulk(
            "<m:item><a/><x:b xmlns:x='urn:x'/><x:b xmlns:x='urn:x'/></m:item>"
            "<m:item><a/></m:item>"
        )

        assert (first, first.foreign) == ({"a": ""}, ("{urn:x}b",))
        assert type(second) is dict

    def test_foreign_names_alone(self):
        (read,) = bulk("<m:item><x:b xmlns:x='urn:x'/></m:item>")

        assert (read, read.foreign) == ({}, ("{urn:x}b",))

    def test_fail_no_namespace(self):
        with pytest.raises(MalformedBatch) as caught:
            parse('<m:bulk xmlns:m="urn:multistatus"><item/></m:bulk>')

        assert str(caught.value.detail) == (
            "<item> in <bulk> is in no namespace; write <m:item>, with "
            'xmlns:m="urn:multistatus".'
        )

    def test_fail_namespace_of_the_fields(self):
        """It would be lost."""
        with pytest.raises(MalformedBatch) as caught:
            batch('<m:operation method="DELETE" key="1"/><operation method="DELETE"/>')

        assert str(caught.value.detail) == (
            '<operation> in <batch> is in the namespace "urn:multistatus:fields"; '
            'write <m:operation>, with xmlns:m="urn:multistatus".'
        )


class TestBatch:
    def test_wire_example(self):
        """Requests in XML, as docs/wire.md has them."""
        assert batch(
            '<m:operation method="PATCH" key="7" ref="b" '
            'if-match="&quot;5f1c&quot;"><population>1</population></m:operation>'
        ) == [
            {
                "method": "PATCH",
                "key": "7",
                "ref": "b",
                "if_match": '"5f1c"',
                "data": {"population": "1"},
            }
        ]

    def test_empty(self):
        assert batch("") == []

    @pytest.mark.parametrize(
        ("element", "operation"),
        [
            ('<m:operation method="POST"/>', {"method": "POST", "data": {}}),
            ('<m:operation method="DELETE"/>', {"method": "DELETE"}),
            ('<m:operation method="DELETE">\n</m:operation>', {"method": "DELETE"}),
            (
                '<m:operation method="DELETE"><a/></m:operation>',
                {"method": "DELETE", "data": {"a": ""}},
            ),
            (
                '<m:operation method="FOO" ref=""/>',
                {"method": "FOO", "ref": "", "data": {}},
            ),
            ("<m:operation/>", {"data": {}}),
            ('<m:operation m:key="1" f="2" xml:lang="fi"/>', {"data": {}}),
            ('<m:operation if_match="1"/>', {"data": {}}),
            ("<m:operation>text</m:operation>", {"data": "text"}),
            ('<m:operation xsi:nil="true"/>', {"data": None}),
            ("<m:operation><m:item/></m:operation>", {"data": [""]}),
            (
                '<m:operation method="PUT"><x:a xmlns:x="urn:x"/></m:operation>',
                {"method": "PUT", "data": {}},
            ),
        ],
    )
    def test_operation(self, element, operation):
        assert batch(element) == [operation]

    def test_odd_operation(self):
        odd, good = batch(
            '<m:operation method="PATCH" key="7" ref="a"><b>1</b>text</m:operation>'
            '<m:operation method="DELETE" key="8"/>'
        )

        assert odd == {
            "method": "PATCH",
            "key": "7",
            "ref": "a",
            "data": OddElement(
                detail="<operation> has both text and elements; a value is a text, or "
                "fields, or <m:item>.",
                pointer="#",
                data={"b": "1"},
            ),
        }
        assert good == {"method": "DELETE", "key": "8"}

    def test_other_elements(self):
        assert batch("<m:item/><x/><m:operation/>") == [{"data": {}}]


class TestRefusals:
    @pytest.mark.parametrize(
        ("body", "name"),
        [
            ("<bulk/>", "bulk"),
            ("<x:bulk xmlns:x='urn:x'/>", "{urn:x}bulk"),
            ("<m:item xmlns:m='urn:multistatus'/>", "{urn:multistatus}item"),
            ("<multistatus xmlns='DAV:'/>", "{DAV:}multistatus"),
        ],
    )
    def test_fail_root(self, body, name):
        with pytest.raises(MalformedBatch) as caught:
            parse(body)

        assert str(caught.value.detail) == (
            'The root element must be bulk or batch in the namespace "urn:multistatus"'
            f", got {name}."
        )

    def test_fail_long_names(self):
        name = "a" * 1_000_000
        with pytest.raises(MalformedBatch) as caught:
            parse(f"<{name}/>")
        (odd,) = bulk(f"<m:item><{name}/><{name}/></m:item>")

        assert len(str(caught.value.detail)) < 400
        assert len(odd.detail) < 400
        assert odd.pointer == "#"

    @pytest.mark.parametrize("body", ["", " \r\n\t"])
    def test_fail_empty(self, body):
        with pytest.raises(MalformedBatch) as caught:
            parse(body)

        assert str(caught.value.detail) == (
            "The body is empty; send <m:bulk> or <m:batch> with a Content-Length."
        )

    @override_settings(MULTISTATUS={"MAX_DEPTH": 3})
    def test_depth(self):
        """As deep as in JSON: an array, an object, an array, and its values."""
        deepest = "<m:item><a><m:item>1</m:item></a></m:item>"

        assert bulk(deepest) == [{"a": ["1"]}]
        with pytest.raises(MalformedBatch, match="nests deeper than 4 elements"):
            bulk("<m:item><a><m:item><b/></m:item></a></m:item>")

    @override_settings(MULTISTATUS={"MAX_DEPTH": 1_000_000})
    def test_fail_deeper_than_python(self):
        nested = "<m:item>" * 20_000 + "</m:item>" * 20_000

        with pytest.raises(MalformedBatch, match=r"^The XML nests too deep\.$"):
            bulk(nested)

    @pytest.mark.parametrize("end", ["", "</m:item>" * 100_000])
    def test_fail_100000_nested(self, end):
        with pytest.raises(MalformedBatch, match="nests deeper than 65 elements"):
            bulk("<m:item>" * 100_000 + end)


def test_ten_thousand():
    item = "<m:item><name>Oulu</name><country>FI</country><lat>65</lat></m:item>"

    documents = bulk(item * 10_000)

    assert documents[-1] == {"name": "Oulu", "country": "FI", "lat": "65"}
