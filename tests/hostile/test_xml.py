"""XML that nobody writes by mistake: depth, size, encodings and charsets."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import TagFactory
from tests.hostile.asking import (
    FORMATS,
    NAMESPACES,
    XML,
    get_refusal,
    get_statuses,
    send,
    xml_bulk,
)
from tests.shop.models import Tag

pytestmark = pytest.mark.django_db

ENCODING_REFUSED = "The XML is in an encoding that is not known; send it in UTF-8."


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
