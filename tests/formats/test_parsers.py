from __future__ import annotations

import codecs
import io
from typing import ClassVar

import pytest
from django.test import override_settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from multistatus_app.exceptions import ContentTooLarge, MalformedBatch
from multistatus_app.formats.parsers import (
    MultiStatusJSONParser,
    MultiStatusTextXMLParser,
    MultiStatusXMLParser,
    read_body,
)
from multistatus_app.requests.elements import OddElement

JSON = "application/json"
NAMESPACES = (
    'xmlns:m="urn:multistatus" xmlns="urn:multistatus:fields" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def parse(body, *, media_type="application/xml"):
    body = body if isinstance(body, bytes) else body.encode()
    return MultiStatusXMLParser().parse(io.BytesIO(body), media_type, {})


def bulk(content):
    return parse(f"<m:bulk {NAMESPACES}>{content}</m:bulk>")


def batch(content):
    return parse(f"<m:batch {NAMESPACES}>{content}</m:batch>")["operations"]


class Echo(APIView):
    authentication_classes: ClassVar = []
    permission_classes: ClassVar = []
    parser_classes: ClassVar = [
        JSONParser,
        MultiStatusXMLParser,
        MultiStatusTextXMLParser,
    ]

    def post(self, request):
        return Response(request.data)


def post(body, *, content_type="application/xml"):
    request = APIRequestFactory().generic(
        "POST", "/echo/", body, content_type=content_type
    )
    return Echo.as_view()(request)


class TestRequests:
    @pytest.mark.parametrize(
        "content_type",
        [
            "application/xml",
            "text/xml",
            "application/xml; charset=utf-8",
            'text/xml; charset="UTF-8"',
        ],
    )
    def test_success(self, content_type):
        body = f"<m:bulk {NAMESPACES}><m:item><name>Å</name></m:item></m:bulk>"

        response = post(body.encode(), content_type=content_type)

        assert (response.status_code, response.data) == (200, [{"name": "Å"}])

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
    def test_encoding(self, encoding):
        body = f"<m:bulk {NAMESPACES}><m:item>Å</m:item></m:bulk>".encode(encoding)

        assert post(body).data == ["Å"]

    def test_charset_of_the_header(self):
        body = f"<m:bulk {NAMESPACES}><m:item>Å</m:item></m:bulk>".encode("latin-1")

        assert post(body, content_type="text/xml; charset=iso-8859-1").data == ["Å"]
        assert post(body).status_code == 400

    def test_fail_charset(self):
        response = post(b"<a/>", content_type="application/xml; charset=klingon")

        assert response.status_code == 400
        assert response.data["detail"] == (
            "The XML is in an encoding that is not known; send it in UTF-8."
        )

    def test_fail_bomb(self):
        entities = "".join(
            f'<!ENTITY e{each} "{f"&e{each - 1};" * 10}">' for each in range(1, 10)
        )
        body = f'<!DOCTYPE a [<!ENTITY e0 "ha">{entities}]><a>&e9;</a>'

        response = post(body.encode())

        assert response.status_code == 400
        assert response.data["detail"].code == "malformed_batch"

    def test_fail_external_entity(self, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text("the secret")
        body = (
            f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
            f"<m:bulk {NAMESPACES}><m:item>&e;</m:item></m:bulk>"
        )

        response = post(body.encode())

        assert response.status_code == 400
        assert "the secret" not in str(response.data)

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
    def test_fail_too_large(self):
        response = post(b"<a>" + b" " * 100 + b"</a>")

        assert response.status_code == 413
        assert "the limit is 100 bytes" in response.data["detail"]


class TestReadBody:
    class Dribble(io.RawIOBase):
        """A connection that gives ten bytes at a time, and remembers how many."""

        def __init__(self, size):
            self.left = size
            self.given = 0

        def read(self, size=-1):
            count = min(self.left, 10, size if size >= 0 else 10)
            self.left -= count
            self.given += count
            return b"x" * count

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
    @pytest.mark.parametrize("size", [0, 1, 95, 99, 100])
    def test_success(self, size):
        assert read_body(self.Dribble(size)) == b"x" * size

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
    @pytest.mark.parametrize("size", [101, 1_000_000])
    def test_fail_too_large(self, size):
        stream = self.Dribble(size)

        with pytest.raises(ContentTooLarge):
            read_body(stream)

        assert stream.given == 101

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=None)
    def test_no_limit(self):
        assert len(read_body(io.BytesIO(b"x" * 5_000_000))) == 5_000_000

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=0)
    def test_limit_of_nothing(self):
        assert read_body(io.BytesIO()) == b""
        with pytest.raises(ContentTooLarge):
            read_body(io.BytesIO(b"x"))


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


class TestJSON:
    @pytest.mark.parametrize(
        "encoding",
        ["utf-8", "utf-8-sig", "utf-16", "utf-32"],
    )
    def test_byte_order_mark(self, encoding):
        body = '[{"name": "Å"}]'.encode(encoding)

        for charset in ("utf-8", "latin-1", "utf-16"):
            if encoding == "utf-8" != charset:
                continue
            context = {"encoding": charset}
            parser = MultiStatusJSONParser()
            assert parser.parse(io.BytesIO(body), JSON, context) == [{"name": "Å"}]

    @pytest.mark.parametrize(
        "body",
        [
            codecs.BOM_UTF16_BE + "[1]".encode("utf-16-be"),
            codecs.BOM_UTF32_BE + "[1]".encode("utf-32-be"),
        ],
    )
    def test_big_end_first(self, body):
        assert MultiStatusJSONParser().parse(io.BytesIO(body), JSON, {}) == [1]

    @pytest.mark.parametrize(
        ("body", "name"),
        [
            (b"\xef\xbb\xbf\xff", "UTF-8"),
            (b"\xff\xfe[", "UTF-16"),
            (b"\xff\xfe\x00\x00[", "UTF-32"),
        ],
    )
    def test_fail_mark_that_is_not_true(self, body, name):
        with pytest.raises(ParseError) as caught:
            MultiStatusJSONParser().parse(io.BytesIO(body), JSON, {})

        assert str(caught.value) == (
            f"The body is not in the encoding that its byte order mark says, {name}."
        )

    def test_parser_of_a_project(self):
        class Own(JSONParser):
            media_type = "application/json; v=1"

            def parse(self, stream, media_type=None, parser_context=None):
                return [stream.read(), media_type, parser_context]

        parser = MultiStatusJSONParser(Own())

        assert parser.media_type == "application/json; v=1"
        context = {"encoding": "latin-1"}
        assert parser.parse(io.BytesIO(b"[1]"), JSON, context) == [
            b"[1]",
            JSON,
            context,
        ]
