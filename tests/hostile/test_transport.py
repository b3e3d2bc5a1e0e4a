"""Bodies that lie of themselves: lengths, chunks, compression, media types."""

from __future__ import annotations

import gzip

import pytest

from tests.hostile.asking import (
    FORMATS,
    JSON,
    XML,
    get_refusal,
    get_statuses,
    send,
    xml_bulk,
)
from tests.shop.models import Tag
from tests.xml import clean

pytestmark = pytest.mark.django_db

TAKEN = "application/json, application/xml or text/xml"
ACCEPT_POST = "application/json, application/xml, text/xml"


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
