"""What nobody sends by mistake: no answer is a 500 as a whole, and nothing is lost.

Every hostile operation stands among good ones, and those are done.
"""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.db import connection
from rest_framework.test import APIClient

from tests.factories import CategoryFactory, TagFactory
from tests.shop.models import Category, Product, Tag
from tests.xml import D, clean, get_facts, get_json_facts, parse

pytestmark = pytest.mark.django_db

JSON = "application/json"
XML = "application/xml"
FORMATS = pytest.mark.parametrize("accept", [JSON, XML])

NAMESPACES = 'xmlns:m="urn:multistatus" xmlns="urn:multistatus:fields"'
DTD_REFUSED = (
    "The XML has a document type declaration; "
    "send it without one, and without entities."
)
ENCODING_REFUSED = "The XML is in an encoding that is not known; send it in UTF-8."
TAKEN = "application/json, application/xml or text/xml"
ACCEPT_POST = "application/json, application/xml, text/xml"
TOO_DEEP_JSON = "The body nests too deep."
SURROGATE = "\ud800"


def send(
    path: str,
    body: str | bytes,
    *,
    method: str = "POST",
    content_type: str = JSON,
    **extra: str,
) -> Any:
    """Send a body as it is; a 500 is an answer, as for real clients."""
    client = APIClient(raise_request_exception=False)
    return client.generic(method, path, body, content_type=content_type, **extra)


def xml_bulk(name: str, *, before: str = "") -> str:
    """Return a bulk request with one tag."""
    item = f"<m:item><name>{name}</name></m:item>"
    return f"{before}<m:bulk {NAMESPACES}>{item}</m:bulk>"


def get_refusal(response: Any) -> str:
    """Return the sentence of a refusal, in either format."""
    if response["Content-Type"] == JSON:
        detail: str = response.json()["detail"]
        return detail
    root = parse(response.content)
    assert root.tag == f"{D}error"
    return get_description(root)


def get_description(element: Element) -> str:
    """Return the text of a `DAV:responsedescription`."""
    text = element.findtext(f"{D}responsedescription")
    assert text is not None
    return text


def get_statuses(response: Any) -> list[int]:
    """Return the status of each operation; XML is validated."""
    assert response.status_code == 207, response.content
    if response["Content-Type"] == JSON:
        facts = get_json_facts(response.json())
    else:
        facts = get_facts(response.content)
    assert facts["summary"]["total"] == len(facts["results"])
    assert [each["index"] for each in facts["results"]] == list(
        range(len(facts["results"]))
    )
    return [each["status"] for each in facts["results"]]


@contextmanager
def listen() -> Iterator[socket.socket]:
    """Listen on a free port, as somebody would who waits for a parser to call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


class TestEntities:
    """RFC 4918 17 and 20.6: XML is read, never obeyed."""

    BOMB = "".join(
        f'<!ENTITY e{each} "{f"&e{each - 1};" * 10}">' for each in range(1, 10)
    )
    QUADRATIC = f'<!ENTITY e9 "{"a" * 100_000}">'

    @FORMATS
    @pytest.mark.parametrize(
        "dtd",
        [
            f'<!DOCTYPE x [<!ENTITY e0 "lol">{BOMB}]>',
            f"<!DOCTYPE x [{QUADRATIC}]>",
            "<!DOCTYPE x>",
            "<!DOCTYPE x []>",
            '<!DOCTYPE x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "xhtml1.dtd">',
        ],
        ids=["bomb", "quadratic", "empty", "internal", "public"],
    )
    def test_fail_document_type(self, dtd: str, accept: str) -> None:
        body = xml_bulk("&e9;" * 20 if "ENTITY" in dtd else "a", before=dtd)
        response = send("/api/tags/bulk/", body, content_type=XML, HTTP_ACCEPT=accept)

        assert response.status_code == 400
        assert get_refusal(response) == DTD_REFUSED
        assert not Tag.objects.exists()

    def test_fail_external_file(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("the secret inside")
        dtd = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
        body = xml_bulk("&e;", before=dtd)
        response = send("/api/tags/bulk/", body, content_type=XML)

        assert response.status_code == 400
        assert get_refusal(response) == DTD_REFUSED
        assert b"the secret inside" not in response.content
        assert not Tag.objects.exists()

    @pytest.mark.parametrize(
        "dtd",
        [
            '<!DOCTYPE x SYSTEM "{url}">',
            '<!DOCTYPE x [<!ENTITY e SYSTEM "{url}">]>',
            '<!DOCTYPE x [<!ENTITY % p SYSTEM "{url}"> %p;]>',
        ],
        ids=["doctype", "entity", "parameter"],
    )
    def test_fail_external_address(self, dtd: str) -> None:
        with listen() as server:
            url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
            body = xml_bulk("&e;", before=dtd.format(url=url))
            response = send("/api/tags/bulk/", body, content_type=XML)

            with pytest.raises(BlockingIOError):
                server.accept()  # nobody called
        assert response.status_code == 400
        assert get_refusal(response) == DTD_REFUSED

    def test_includes_are_passed_over(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("the secret inside")
        include = (
            '<i:include xmlns:i="http://www.w3.org/2001/XInclude" parse="text" '
            f'href="{secret.as_uri()}"/>'
        )
        response = send("/api/tags/bulk/", xml_bulk(f"a{include}"), content_type=XML)

        assert get_statuses(response) == [201]
        assert Tag.objects.get().name == "a"


class TestXML:
    """XML that is none, and XML that is a lot."""

    @FORMATS
    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (xml_bulk("a")[:-3], "unclosed token: line 1, column 96."),
            (xml_bulk("a") + "x", "junk after document element: line 1, column 105."),
            (xml_bulk("a") * 2, "junk after document element: line 1, column 105."),
            (xml_bulk("\0"), "not well-formed (invalid token): line 1, column 79."),
            (xml_bulk("\x01"), "not well-formed (invalid token): line 1, column 79."),
            (xml_bulk("\ufffe"), "not well-formed (invalid token): line 1, column 79."),
            (
                xml_bulk("&#0;"),
                "reference to invalid character number: line 1, column 79.",
            ),
            (
                xml_bulk("&#xD800;"),
                "reference to invalid character number: line 1, column 79.",
            ),
            (
                xml_bulk("&#x110000;"),
                "reference to invalid character number: line 1, column 79.",
            ),
            (xml_bulk("&nbsp;"), "undefined entity: line 1, column 79."),
            ("a", "syntax error: line 1, column 0."),
            ("[]", "syntax error: line 1, column 0."),
        ],
        ids=[
            "truncated", "junk", "twice", "nul", "control", "nonchar", "nul-reference",
            "surrogate-reference", "reference-too-high", "entity", "text", "json",
        ],
    )  # fmt: skip
    def test_fail_not_well_formed(self, body: str, reason: str, accept: str) -> None:
        TagFactory(name="there")
        response = send("/api/tags/bulk/", body, content_type=XML, HTTP_ACCEPT=accept)

        assert response.status_code == 400
        assert get_refusal(response) == f"The body is not well-formed XML: {reason}"
        assert Tag.objects.get().name == "there"

    @pytest.mark.parametrize(
        "body",
        [
            "<a>" * 100_000,
            xml_bulk("<a>" * 100_000 + "</a>" * 100_000),
            xml_bulk("a" + '<x xmlns="urn:a">' * 100_000 + "</x>" * 100_000),
        ],
        ids=["open", "closed", "foreign"],
    )
    def test_fail_too_deep(self, body: str) -> None:
        response = send("/api/tags/bulk/", body, content_type=XML)

        assert response.status_code == 400
        assert get_refusal(response) == (
            "The XML nests deeper than 65 elements, which is the limit."
        )
        assert not Tag.objects.exists()

    def test_fail_too_deep_for_python(self, settings: Any) -> None:
        settings.MULTISTATUS = {"MAX_DEPTH": 1_000_000}
        body = xml_bulk("<a>" * 100_000 + "</a>" * 100_000)
        response = send("/api/tags/bulk/", body, content_type=XML)

        assert response.status_code == 400
        assert get_refusal(response) == "The XML nests too deep."

    def test_many_attributes(self) -> None:
        attributes = " ".join(f'a{each}="1"' for each in range(50_000))
        body = xml_bulk("a").replace("<m:item>", f"<m:item {attributes}>")
        response = send("/api/tags/bulk/", body, content_type=XML)

        assert get_statuses(response) == [201]

    def test_fail_many_elements(self) -> None:
        body = f"<m:bulk {NAMESPACES}>{'<m:item/>' * 250_000}</m:bulk>"
        response = send("/api/tags/bulk/", body, content_type=XML)

        assert response.status_code == 413
        assert get_refusal(response) == (
            "The request holds 250000 operations, the limit is 1000. "
            "Send them in several requests."
        )

    @pytest.mark.parametrize(
        ("encoding", "declared"),
        [
            ("utf-8", "utf-8"),
            ("utf-8-sig", "utf-8"),
            ("utf-8-sig", None),
            ("utf-16", "utf-16"),
            ("utf-16", None),
            ("utf-16-be", "utf-16"),
            ("iso-8859-1", "iso-8859-1"),
            ("cp1252", "windows-1252"),
        ],
    )
    def test_encodings(self, encoding: str, declared: str | None) -> None:
        before = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
        body = xml_bulk("Jyväskylä", before=before).encode(encoding)
        response = send("/api/tags/bulk/", body, content_type=XML)

        assert get_statuses(response) == [201]
        assert Tag.objects.get().name == "Jyväskylä"

    @pytest.mark.parametrize(
        "name",
        [
            "klingon", "utf-7", "rot13", "base64", "zlib", "punycode", "idna", "mbcs",
            "undefined", "shift_jis", "x" * 10_000,
        ],
    )  # fmt: skip
    def test_fail_unknown_encoding(self, name: str) -> None:
        before = f'<?xml version="1.0" encoding="{name}"?>'
        body = xml_bulk("é", before=before).encode()
        response = send("/api/tags/bulk/", body, content_type=XML)

        assert response.status_code == 400
        assert get_refusal(response) == ENCODING_REFUSED

    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (
                xml_bulk("é", before='<?xml version="1.0" encoding="utf-8"?>').encode(
                    "iso-8859-1"
                ),
                "not well-formed (invalid token): line 1, column 117.",
            ),
            (
                xml_bulk("é", before='<?xml version="1.0" encoding="utf-16"?>').encode(
                    "utf-8-sig"
                ),
                "encoding specified in XML declaration is incorrect: "
                "line 1, column 31.",
            ),
            (
                b"\xef\xbb\xbf" + xml_bulk("a").encode("utf-8-sig"),
                "not well-formed (invalid token): line 1, column 1.",
            ),
            (
                xml_bulk("a").encode("utf-32"),
                "not well-formed (invalid token): line 1, column 1.",
            ),
        ],
        ids=["latin-1", "mark-against-declaration", "two-marks", "utf-32"],
    )
    def test_fail_wrong_encoding(self, body: bytes, reason: str) -> None:
        response = send("/api/tags/bulk/", body, content_type=XML)

        assert response.status_code == 400
        assert get_refusal(response) == f"The body is not well-formed XML: {reason}"

    @pytest.mark.parametrize(
        ("charset", "encoding"),
        [
            ("utf-8", "utf-8"),
            ("UTF8", "utf-8"),
            ('"utf-8"', "utf-8"),
            ("", "utf-8"),
            ("utf-16", "utf-16"),
            ("utf-16le", "utf-16-le"),
            ("latin1", "iso-8859-1"),
            ("latin1", "utf-8-sig"),
        ],
    )
    def test_charsets(self, charset: str, encoding: str) -> None:
        response = send(
            "/api/tags/bulk/",
            xml_bulk("Jyväskylä").encode(encoding),
            content_type=f"{XML}; charset={charset}",
        )

        assert get_statuses(response) == [201]
        assert Tag.objects.get().name == "Jyväskylä"

    @pytest.mark.parametrize("charset", ["klingon", "rot13", "utf-7", "idna", "é"])
    def test_fail_unknown_charset(self, charset: str) -> None:
        content_type = f"{XML}; charset={charset}"
        response = send("/api/tags/bulk/", xml_bulk("é"), content_type=content_type)

        assert response.status_code == 400
        assert get_refusal(response) == ENCODING_REFUSED


class TestJSON:
    """JSON that is none, and numbers that JSON has not."""

    @FORMATS
    @pytest.mark.parametrize(
        ("body", "reason"),
        [
            (b'[{"name":"a"}', "Expecting ',' delimiter: line 1 column 14 (char 13)"),
            (
                b'[{"name":"a',
                "Unterminated string starting at: line 1 column 10 (char 9)",
            ),
            (b'[{"name":"a"}] x', "Extra data: line 1 column 16 (char 15)"),
            (
                b'[{"name":"\xff"}]',
                "'utf-8' codec can't decode byte 0xff in position 10: "
                "invalid start byte",
            ),
            (
                b'[{"name":"\xed\xa0\x80"}]',
                "'utf-8' codec can't decode byte 0xed in position 10: "
                "invalid continuation byte",
            ),
            (
                b'[{"name":"\0"}]',
                "Invalid control character at: line 1 column 11 (char 10)",
            ),
            (b"\0" * 100, "Expecting value: line 1 column 1 (char 0)"),
            (
                b'[{"name":NaN}]',
                "Out of range float values are not JSON compliant: 'NaN'",
            ),
            (
                b'[{"name":-Infinity}]',
                "Out of range float values are not JSON compliant: '-Infinity'",
            ),
            (b"<a/>", "Expecting value: line 1 column 1 (char 0)"),
        ],
        ids=[
            "truncated", "in-string", "junk", "not-utf-8", "surrogate-bytes",
            "control", "nuls", "nan", "infinity", "xml",
        ],
    )  # fmt: skip
    def test_fail_parse(self, body: bytes, reason: str, accept: str) -> None:
        TagFactory(name="there")
        response = send("/api/tags/bulk/", body, HTTP_ACCEPT=accept)

        assert response.status_code == 400
        assert get_refusal(response) == f"JSON parse error - {reason}"
        assert Tag.objects.get().name == "there"

    @pytest.mark.parametrize(
        "body",
        [
            "[" * 100_000,
            "[" * 100_000 + "]" * 100_000,
            '[{"a":' * 100_000 + "1" + "}]" * 100_000,
            '[{"name":"a","attributes":' + "[" * 100_000 + "]" * 100_000 + "}]",
        ],
        ids=["open", "closed", "objects", "json-field"],
    )
    @pytest.mark.parametrize("route", ["bulk", "batch"])
    def test_fail_too_deep_for_python(self, body: str, route: str) -> None:
        response = send(f"/api/products/{route}/", body)

        assert response.status_code == 400
        assert get_refusal(response) == TOO_DEEP_JSON

    @pytest.mark.parametrize(("depth", "status"), [(62, 207), (63, 400)])
    def test_json_field_at_the_limit(self, depth: int, status: int) -> None:
        attributes: list[Any] = []
        for _ in range(depth - 1):
            attributes = [attributes]
        element = {
            "sku": "deep",
            "name": "deep",
            "price": 1,
            "category": CategoryFactory().pk,
            "attributes": attributes,
        }
        response = send("/api/products/bulk/", json.dumps([element]))

        assert response.status_code == status
        if status == 400:
            assert get_refusal(response) == (
                "The body nests deeper than 64 levels of arrays and objects."
            )
        elif connection.vendor == "mysql":  # MariaDB reads 32 levels of JSON
            assert get_statuses(response) == [409]
        else:
            assert get_statuses(response) == [201]
            assert Product.objects.get().attributes == attributes

    def test_fail_integer_of_5000_digits(self) -> None:
        response = send("/api/tags/bulk/", f'[{{"name":{"9" * 5000}}}]')

        assert response.status_code == 400
        assert get_refusal(response).startswith("JSON parse error - Exceeds the limit")

    def test_last_of_duplicate_members_counts(self) -> None:
        tag = TagFactory(name="old")
        operation = f'{{"method":"PATCH","key":0,"key":{tag.pk},"data":{{}},"data":'
        body = (
            f'{{"operations":[],"operations":[{operation}{{"name":1,"name":"new"}}}}]}}'
        )
        response = send("/api/tags/batch/", body)

        assert get_statuses(response) == [200]
        assert Tag.objects.get().name == "new"

    @FORMATS
    def test_huge_numbers(self, accept: str) -> None:
        category = CategoryFactory().pk
        good = f'"name":"n","price":1,"category":{category}'
        huge = "9" * 4000
        bodies = [
            f'{{"sku":"a","name":"n","price":{huge},"category":{category}}}',
            f'{{"sku":"b","name":"n","price":1e400,"category":{category}}}',
            f'{{"sku":"c","name":"n","price":"1e999999999","category":{category}}}',
            f'{{"sku":"d","name":"n","price":"NaN","category":{category}}}',
            f'{{"sku":"e","stock":{2**63},{good}}}',
            f'{{"sku":"f","stock":{2**64},{good}}}',
            f'{{"sku":"g","stock":{huge},{good}}}',
            f'{{"sku":"h","stock":1e400,{good}}}',
            f'{{"sku":"i","name":"n","price":1,"category":{huge}}}',
            f'{{"sku":"j","name":"n","price":1,"category":{2**64}}}',
            '{"sku":"k","name":"n","price":1,"category":1e300}',
            f'{{"sku":"l","tags":[{huge},1.5,true,null,{{}},[]],{good}}}',
            f'{{"sku":"m","attributes":{{"a":1e400}},{good}}}',
            f'{{"sku":"n","attributes":{{"a":{huge}}},{good}}}',
            f'{{"sku":"o",{good}}}',
        ]
        body = f"[{','.join(bodies)}]"
        response = send("/api/products/bulk/", body, HTTP_ACCEPT=accept)

        assert get_statuses(response) == [400] * 13 + [201, 201]
        assert Product.objects.get(sku="n").attributes == {"a": int(huge)}
        assert sorted(Product.objects.values_list("sku", flat=True)) == ["n", "o"]


HOSTILE_KEYS: list[tuple[Any, int]] = [
    ({}, 400),
    ([], 400),
    (True, 400),
    (1.5, 400),
    (None, 400),
    (float("1e300"), 400),
    (0, 404),
    (-1, 404),
    (2**63, 404),
    (2**64, 404),
    (int("9" * 4000), 404),
    ("9" * 5000, 404),
    ("\0", 404),
    (SURROGATE, 404),
    (f"1{SURROGATE}", 404),
    ("\udfff\ud800", 404),
    ("", 404),
    (" ", 404),
    (".", 404),
    ("..", 404),
    ("../", 404),
    ("../../admin/", 404),
    ("%2e%2e", 404),
    ("bulk", 404),
    ("batch", 404),
    ("bulk/", 404),
    ("1?atomic=true", 404),
    ("1#", 404),
    ("1;2", 404),
    ("1.0", 404),
    ("0x1", 404),
    ("NaN", 404),
    ("a\tb\x0b\x1f\r\n", 404),
    ("\ufffe]]>&<", 404),
    ("x" * 100_000, 404),
]


class TestKeys:
    """A key is one operation's, whatever it is."""

    @FORMATS
    def test_delete(self, accept: str) -> None:
        first, last = TagFactory(), TagFactory()
        keys = [first.pk, *(key for key, _ in HOSTILE_KEYS), last.pk]
        response = send(
            "/api/tags/bulk/", json.dumps(keys), method="DELETE", HTTP_ACCEPT=accept
        )

        expected = [status for _, status in HOSTILE_KEYS]
        assert get_statuses(response) == [204, *expected, 204]
        assert not Tag.objects.exists()

    @FORMATS
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_update(self, method: str, accept: str) -> None:
        tags = [TagFactory(), TagFactory()]
        keys = [tags[0].pk, *(key for key, _ in HOSTILE_KEYS), tags[1].pk]
        body = [{"id": key, "name": f"new{index}"} for index, key in enumerate(keys)]
        response = send(
            "/api/tags/bulk/", json.dumps(body), method=method, HTTP_ACCEPT=accept
        )

        expected = [status for _, status in HOSTILE_KEYS]
        assert get_statuses(response) == [200, *expected, 200]
        assert sorted(Tag.objects.values_list("name", flat=True)) == [
            "new0",
            f"new{len(keys) - 1}",
        ]

    @FORMATS
    def test_batch(self, accept: str) -> None:
        operations = [
            {"method": "PATCH", "key": key, "data": {"name": "new"}}
            for key, _ in HOSTILE_KEYS
        ]
        good = {"method": "POST", "data": {"name": "good"}}
        body = json.dumps({"operations": [*operations, good]})
        response = send("/api/tags/batch/", body, HTTP_ACCEPT=accept)

        assert get_statuses(response) == [*(status for _, status in HOSTILE_KEYS), 201]
        assert Tag.objects.get().name == "good"

    @pytest.mark.parametrize(
        "path",
        ["/api/parcels/bulk/", "/api/skus/bulk/", "/v2/products/bulk", "/nested/"],
    )
    def test_other_lookups(self, path: str) -> None:
        category = CategoryFactory()
        if path == "/nested/":
            path = f"/nested/categories/{category.pk}/products/bulk/"
        expected = [
            # PostgreSQL has no NUL in a text; the single endpoint is a 500, too.
            500
            if connection.vendor == "postgresql" and "skus" in path and key == "\0"
            else status
            for key, status in HOSTILE_KEYS
        ]
        keys = [key for key, _ in HOSTILE_KEYS]
        response = send(path, json.dumps(keys), method="DELETE")

        assert get_statuses(response) == expected
        assert Category.objects.get() == category

    def test_fail_surrogate_alone(self) -> None:
        """Alone, too: then there is no fetch of all targets at once."""
        response = send("/api/tags/bulk/", json.dumps([SURROGATE]), method="DELETE")

        assert response.status_code == 207
        (result,) = response.json()["results"]
        assert result == {
            "index": 0,
            "method": "DELETE",
            "status": 404,
            "error": {
                "status": 404,
                "title": "Not Found",
                "code": "not_found",
                "detail": "No resource has the key '\\ud800'.",
            },
        }


class TestOperations:
    """Operations that are none, among those that are."""

    ELEMENTS: list[tuple[Any, int]] = [
        (None, 400),
        (1, 400),
        ("x", 400),
        (True, 400),
        ([], 400),
        ({}, 400),
        ({"method": None}, 400),
        ({"method": "post", "data": {}}, 400),
        ({"method": "GET"}, 400),
        ({"method": "__class__"}, 400),
        ({"method": ["POST"], "data": {}}, 400),
        ({"method": {}, "data": {}}, 400),
        ({"method": SURROGATE}, 400),
        ({"METHOD": "POST", "data": {}}, 400),
        ({"method": "POST", "data": None}, 400),
        ({"method": "POST", "data": []}, 400),
        ({"method": "POST", "data": "x"}, 400),
        ({"method": "POST", "data": {"name": "a"}, SURROGATE: 1}, 400),
        ({"method": "POST", "data": {"name": "a"}, "": 1}, 400),
        ({"method": "POST", "data": {"name": "a"}, "\0": 1, "a/~b": 2}, 400),
        ({"method": "POST", "data": {"name": "a"}, "__proto__": {}}, 400),
        ({"method": "POST", "data": {"name": "a"}, "<m:x/>]]>": {}}, 400),
        ({"method": "POST", "data": {"name": "a"}, "ref": 1}, 400),
        ({"method": "POST", "data": {"name": "a"}, "ref": None}, 400),
        ({"method": "POST", "data": {"name": "a"}, "ref": {}}, 400),
        ({"method": "POST", "data": {"name": "a"}, "ref": []}, 400),
        ({"method": "POST", "data": {"name": "a"}, "ref": True}, 400),
        ({"method": "DELETE", "key": 1, "if_match": SURROGATE}, 400),
        ({"method": "DELETE", "key": 1, "if_match": 1}, 400),
        ({"method": "DELETE", "key": 1, "if_match": None}, 400),
        ({"method": "DELETE", "key": 1, "if_match": '"\0"'}, 400),
        ({"method": "POST", "data": {"__proto__": {}, SURROGATE: 1, "name": "b"}}, 201),
    ]

    @FORMATS
    def test_batch(self, accept: str) -> None:
        elements = [each for each, _ in self.ELEMENTS]
        response = send(
            "/api/tags/batch/", json.dumps({"operations": elements}), HTTP_ACCEPT=accept
        )

        assert get_statuses(response) == [status for _, status in self.ELEMENTS]
        assert Tag.objects.get().name == "b"

    @FORMATS
    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_bulk(self, method: str, accept: str) -> None:
        tag = TagFactory(name="old")
        good: Any = {"id": tag.pk, "name": "new"}
        body = [None, 1.5, True, [], [[]], {}, tag.pk if method == "DELETE" else good]
        response = send(
            "/api/tags/bulk/", json.dumps(body), method=method, HTTP_ACCEPT=accept
        )

        done = {"POST": 201, "PUT": 200, "PATCH": 200, "DELETE": 204}[method]
        assert get_statuses(response) == [400] * 6 + [done]
        assert Tag.objects.filter(name="new").count() == (method != "DELETE")

    @FORMATS
    def test_odd_refs_are_echoed(self, accept: str) -> None:
        refs = [
            SURROGATE,
            "",
            "\0",
            "\x0b]]>&<\"'\r\n\t",
            "\ufffe",
            "x" * 100_000,
            "🙈",
        ]
        operations = [
            {"method": "POST", "ref": ref, "data": {"name": f"t{index}"}}
            for index, ref in enumerate(refs)
        ]
        response = send(
            "/api/tags/batch/",
            json.dumps({"operations": operations}),
            HTTP_ACCEPT=accept,
        )

        assert get_statuses(response) == [201] * len(refs)
        if accept == JSON:
            echoed = [each["ref"] for each in response.json()["results"]]
            assert echoed == refs
        else:
            echoed = [each["ref"] for each in get_facts(response.content)["results"]]
            assert echoed == [clean(ref) for ref in refs]

    @FORMATS
    def test_fail_surrogate_ref_twice(self, accept: str) -> None:
        operation = {"method": "POST", "ref": SURROGATE, "data": {"name": "a"}}
        body = json.dumps({"operations": [operation, operation]})
        response = send("/api/tags/batch/", body, HTTP_ACCEPT=accept)

        assert response.status_code == 400
        assert get_refusal(response) == (
            "The ref '\\ud800' stands at operations 0 and 1; "
            "it must be unique in the request."
        )
        assert not Tag.objects.exists()

    @FORMATS
    @pytest.mark.parametrize(
        ("name", "shown"),
        [(SURROGATE, "'\\ud800'"), ("\x01", "'\\x01'"), ("", "''"), ("]]>", "']]>'")],
    )
    def test_fail_odd_root_member(self, name: str, shown: str, accept: str) -> None:
        body = json.dumps({"operations": [{}], name: 1})
        response = send("/api/tags/batch/", body, HTTP_ACCEPT=accept)

        assert response.status_code == 400
        assert get_refusal(response) == (
            f"The body has the unknown member {shown}; it takes operations only."
        )


class TestText:
    """Characters that cannot be stored, written or read back."""

    NAMES: list[tuple[str, int]] = [
        ("first", 201),
        ("\0", 400),
        (SURROGATE, 400),
        ("\udc00\ud800", 400),
        ("a\x01\x0b\x1fb", 201),
        ("c\ufffe\uffffd", 201),
        ("]]>&<\"'", 201),
        ("e\u2028\u0085\r\nf", 201),
        ("x" * 100_000, 400),
        ("last 🙈", 201),
    ]

    @FORMATS
    def test_names(self, accept: str) -> None:
        body = json.dumps([{"name": name} for name, _ in self.NAMES])
        response = send("/api/tags/bulk/", body, HTTP_ACCEPT=accept)

        assert get_statuses(response) == [status for _, status in self.NAMES]
        kept = [name for name, status in self.NAMES if status == 201]
        assert list(Tag.objects.order_by("pk").values_list("name", flat=True)) == kept
        if accept == JSON:
            results = response.json()["results"]
            assert [each["data"]["name"] for each in results if "data" in each] == kept
        else:
            names = parse(response.content).iter("{urn:multistatus:fields}name")
            texts = [each.text for each in names if each.text]
            assert texts == [clean(name) for name in kept]

    @FORMATS
    def test_messages_echo_what_was_sent(self, accept: str) -> None:
        order = {
            "address": {"street": f"{SURROGATE}\x0b", "city": "]]>"},
            "lines": [{"sku": f"{SURROGATE}", "quantity": 1}, None, "\0"],
            "labels": [f"{SURROGATE}aaaa", {}],
            "counts": {SURROGATE: "x", "": "x", "a/b~": "y", "\0<": "z"},
        }
        good = {
            "address": {"street": "a", "city": "b"},
            "lines": [],
            "labels": ["a"],
            "counts": {SURROGATE: 1, "\0": 2},
        }
        response = send(
            "/api/orders/bulk/", json.dumps([order, good]), HTTP_ACCEPT=accept
        )

        assert get_statuses(response) == [400, 201]
        facts = (
            get_json_facts(response.json())
            if accept == JSON
            else get_facts(response.content)
        )
        assert facts["results"][0]["fields"] == ["address", "counts", "labels", "lines"]
        pointers = {pointer for _, pointer in facts["results"][0]["codes"]}
        assert pointers == {
            "#/address/street",
            "#/counts/",
            "#/counts/%00%3C",
            "#/counts/%ED%A0%80",
            "#/counts/a~1b~0",
            "#/labels/0",
            "#/labels/1",
            "#/lines/0/sku",
            "#/lines/1",
            "#/lines/2",
        }

    @FORMATS
    @pytest.mark.parametrize(
        ("attributes", "refused"),
        [
            ({SURROGATE: "\udc00"}, {"postgresql": 500, "mysql": 409}),
            ({"\0": "\0"}, {"postgresql": 500}),
        ],
        ids=["surrogate", "nul"],
    )
    def test_json_field(
        self, attributes: dict[str, str], refused: dict[str, int], accept: str
    ) -> None:
        """What a JSON column takes differs; as the single endpoint would say it."""
        elements = [
            {"sku": sku, "name": "n", "price": 1, "category": CategoryFactory().pk}
            for sku in ("a", "b", "c")
        ]
        elements[1]["attributes"] = attributes
        response = send("/api/products/bulk/", json.dumps(elements), HTTP_ACCEPT=accept)

        status = refused.get(connection.vendor, 201)
        assert get_statuses(response) == [201, status, 201]
        kept = Product.objects.filter(attributes={}).values_list("sku", flat=True)
        assert sorted(kept) == ["a", "c"]
        assert Product.objects.filter(sku="b").exists() == (status == 201)
        if status == 201 and accept == JSON:
            assert response.json()["results"][1]["data"]["attributes"] == attributes

    @FORMATS
    def test_fail_odd_query_option(self, accept: str) -> None:
        path = "/api/tags/bulk/?atomic=%00%ED%A0%80]]%3E"
        response = send(path, '[{"name":"a"}]', HTTP_ACCEPT=accept)

        assert response.status_code == 400
        assert get_refusal(response) == (
            "The query option atomic takes true, false, 1 or 0, "
            "not '\\x00\ufffd\ufffd\ufffd]]>'."
        )
        assert not Tag.objects.exists()


class TestTransport:
    """Sizes, lengths, media types and encodings that are not what they say."""

    @FORMATS
    @pytest.mark.parametrize("content_type", [JSON, XML])
    @pytest.mark.parametrize("route", ["bulk", "batch"])
    def test_fail_10_megabytes(
        self, route: str, content_type: str, accept: str
    ) -> None:
        name = "x" * 10_000_000
        body = xml_bulk(name) if content_type == XML else f'[{{"name":"{name}"}}]'
        path = f"/api/tags/{route}/"
        response = send(path, body, content_type=content_type, HTTP_ACCEPT=accept)

        assert response.status_code == 413
        assert get_refusal(response) == (
            f"The body has {len(body)} bytes, the limit is 2621440 bytes. "
            "Send it in several requests."
        )
        assert not Tag.objects.exists()

    @pytest.mark.parametrize("content_type", [JSON, XML])
    @pytest.mark.parametrize(
        ("length", "status"),
        [
            ("", 400),
            ("0", 400),
            ("1", 400),
            ("-1", 400),
            ("abc", 400),
            ("1.5", 400),
            ("+5", 400),
            ("20", 400),
            ("9" * 30, 413),
        ],
    )
    def test_fail_wrong_length(
        self, length: str, status: int, content_type: str
    ) -> None:
        body = xml_bulk("name") if content_type == XML else '[{"name":"a long name"}]'
        response = send(
            "/api/tags/bulk/", body, content_type=content_type, CONTENT_LENGTH=length
        )

        assert response.status_code == status
        assert not Tag.objects.exists()

    @pytest.mark.parametrize("content_type", [JSON, XML])
    def test_fail_chunked(self, content_type: str) -> None:
        response = send(
            "/api/tags/bulk/",
            b"",
            content_type=content_type,
            HTTP_TRANSFER_ENCODING="chunked",
        )

        assert response.status_code == 411
        assert get_refusal(response) == (
            "The body came without a Content-Length; send it with one, not chunked."
        )

    @FORMATS
    @pytest.mark.parametrize("content_type", [JSON, XML, "text/plain"])
    @pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "x" * 9_000])
    def test_fail_compressed(self, coding: str, content_type: str, accept: str) -> None:
        body = xml_bulk("a") if content_type == XML else '[{"name":"a"}]'
        response = send(
            "/api/tags/bulk/",
            gzip.compress(body.encode()),
            content_type=content_type,
            HTTP_CONTENT_ENCODING=coding,
            HTTP_ACCEPT=accept,
        )

        assert response.status_code == 415
        assert get_refusal(response) == (
            f'The body has the Content-Encoding "{coding[:200]}"; send it without one, '
            f"as {TAKEN}."
        )
        assert response["Accept-Post"] == ACCEPT_POST
        assert not Tag.objects.exists()

    @FORMATS
    @pytest.mark.parametrize(
        "content_type",
        [
            "garbage",
            "text/plainly",
            "multipart/form-data",
            "multipart/form-data; boundary=x",
            "application/json\x00",
            "application/json,text/xml",
            "image/svg+xml",
            "application/problem+json",
            "x" * 10_000,
        ],
    )
    def test_fail_media_type(self, content_type: str, accept: str) -> None:
        response = send(
            "/api/tags/bulk/",
            '[{"name":"a"}]',
            content_type=content_type,
            HTTP_ACCEPT=accept,
        )

        assert response.status_code == 415
        shown = clean(content_type) if accept == XML else content_type
        assert get_refusal(response) == (
            f'Unsupported media type "{shown[:200]}" in request; send {TAKEN}.'
        )
        assert response["Accept-Post"] == ACCEPT_POST
        assert not Tag.objects.exists()

    @pytest.mark.parametrize("charset", ["utf-8", "UTF8", '"utf-8"', "klingon", "é"])
    def test_json_charsets(self, charset: str) -> None:
        content_type = f"{JSON}; charset={charset}"
        body = '[{"name":"Jyväskylä"}]'
        response = send("/api/tags/bulk/", body, content_type=content_type)

        assert get_statuses(response) == [201]
        assert Tag.objects.get().name == "Jyväskylä"

    @pytest.mark.parametrize(
        ("charset", "reason"),
        [
            ("rot13", 'Unsupported charset "rot13" in request Content-Type header.'),
            ("zlib", 'Unsupported charset "zlib" in request Content-Type header.'),
            (
                "us-ascii",
                "JSON parse error - 'ascii' codec can't decode byte 0xc3 in "
                "position 10: ordinal not in range(128)",
            ),
            ("utf-16", "JSON parse error - UTF-16 stream does not start with BOM"),
        ],
    )
    def test_fail_json_charset(self, charset: str, reason: str) -> None:
        content_type = f"{JSON}; charset={charset}"
        response = send("/api/tags/bulk/", '[{"name":"é"}]', content_type=content_type)

        assert response.status_code == 400
        assert get_refusal(response) == reason
        assert not Tag.objects.exists()
