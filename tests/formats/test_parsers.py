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

from multistatus_app.formats.parsers import (
    MultiStatusJSONParser,
    MultiStatusTextXMLParser,
    MultiStatusXMLParser,
)
from tests.formats.parsing import NAMESPACES

JSON = "application/json"


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
