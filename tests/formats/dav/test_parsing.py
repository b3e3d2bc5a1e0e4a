from __future__ import annotations

import pytest

from multistatus_app.exceptions import MalformedBatch
from tests.formats.dav.reading import parse


class TestParse:
    def test_success(self):
        assert parse(b"<a xmlns='x'>b</a>").tag == "{x}a"

    def test_depth(self):
        body = b"<a>" * 10 + b"</a>" * 10

        assert parse(body).tag == "a"
        with pytest.raises(MalformedBatch) as caught:
            parse(body, max_depth=9)

        assert str(caught.value.detail) == (
            "The XML nests deeper than 9 elements, which is the limit."
        )

    def test_siblings_are_not_deep(self):
        assert len(parse(b"<a>" + b"<b/>" * 100 + b"</a>")) == 100

    @pytest.mark.parametrize("end", [b"", b"</a>" * 100_000])
    def test_fail_100000_nested(self, end):
        with pytest.raises(MalformedBatch, match="nests deeper than 10 elements"):
            parse(b"<a>" * 100_000 + end)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"   ",
            b"text",
            b"{}",
            b"<a>",
            b"<a></b>",
            b"<a/><a/>",
            b"<a b='1' b='2'/>",
            b"<a b=c/>",
            b"<a>&undefined;</a>",
            b"<a>&#0;</a>",
            b"<a>&#xD800;</a>",
            b"<a>\x00</a>",
            b"<a>\xff</a>",
            b"<a>]]></a>",
            b"<p:a/>",
            b"<a xmlns:p=''/>",
            b"<a xmlns:xml='x'/>",
            b"<a xmlns:xmlns='x'/>",
            b"<?xml version='1.0'?",
            b"<a><![CDATA[",
            b"<a><!-- -- --></a>",
            b" <?xml version='1.0'?><a/>",
            "<a/>".encode("utf-32"),
        ],
    )
    def test_fail_not_well_formed(self, body):
        with pytest.raises(MalformedBatch, match=r"^The body is not well-formed XML: "):
            parse(body)

    @pytest.mark.parametrize(
        "doctype",
        [
            "<!DOCTYPE a>",
            "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>",
            "<!DOCTYPE a PUBLIC 'x' 'http://localhost:1/'>",
            "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
            "<!DOCTYPE a [<!ENTITY % b SYSTEM 'http://localhost:1/'> %b;]>",
            "<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;'>]>",
            f"<!DOCTYPE a [<!ENTITY b '{'a' * 100_000}'>]>",
            "<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]>",
        ],
    )
    def test_fail_doctype(self, doctype):
        with pytest.raises(MalformedBatch) as caught:
            parse(f"{doctype}<a>&b;&c;</a>".encode())

        assert str(caught.value.detail) == (
            "The XML has a document type declaration; send it without one, and without "
            "entities."
        )

    @pytest.mark.parametrize(
        ("body", "charset"),
        [
            ("<a>ä</a>".encode(), None),
            ("<a>ä</a>".encode("utf-8-sig"), None),
            ("<a>ä</a>".encode("utf-16"), None),
            ("<?xml version='1.0' encoding='utf-16'?><a>ä</a>".encode("utf-16"), None),
            (
                "<?xml version='1.0' encoding='latin-1'?><a>ä</a>".encode("latin-1"),
                None,
            ),
            ("<?xml version='1.0' encoding='cp1252'?><a>ä</a>".encode("cp1252"), None),
            # The header is right, the declaration is not (RFC 7303 3).
            ("<?xml version='1.0' encoding='latin-1'?><a>ä</a>".encode(), "utf-8"),
            ("<a>ä</a>".encode("latin-1"), "iso-8859-1"),
            ("<a>ä</a>".encode("utf-16-le"), "utf-16le"),
            ("<a>ä</a>".encode(), "UTF8"),
            # The byte order mark is right, the header is not.
            ("<a>ä</a>".encode("utf-16"), "utf-8"),
            ("<a>ä</a>".encode("utf-8-sig"), "latin-1"),
        ],
    )
    def test_encoding(self, body, charset):
        assert parse(body, charset=charset).text == "ä"

    @pytest.mark.parametrize(
        ("body", "charset"),
        [
            (b"<?xml version='1.0' encoding='nonsense'?><a/>", None),
            (b"<?xml version='1.0' encoding='bz2'?><a/>", None),
            (b"<?xml version='1.0' encoding='utf-7'?><a/>", None),
            (b"<?xml version='1.0' encoding='shift_jis'?><a/>", None),
            (b"<a/>", "nonsense"),
            (b"<a/>", "punycode"),
            (b"<a/>", "bz2"),
            (b"<a/>", "unicode_escape"),
            (b"<a/>", "nul\x00"),
            (b"<a/>", "\ud800"),
        ],
    )
    def test_fail_encoding(self, body, charset):
        with pytest.raises(MalformedBatch) as caught:
            parse(body, charset=charset)

        assert str(caught.value.detail) == (
            "The XML is in an encoding that is not known; send it in UTF-8."
        )

    @pytest.mark.parametrize("length", range(1, 60, 7))
    def test_fail_truncated(self, length):
        body = (
            "<a xmlns='urn:x'><b c='d'>text ä</b><!-- e --><![CDATA[f]]></a>".encode()
        )

        with pytest.raises(MalformedBatch, match="not well-formed"):
            parse(body[:length])

    def test_huge_attributes(self):
        attributes = " ".join(f'a{number}="{number}"' for number in range(10_000))
        body = f"<a {attributes} z='{'z' * 2_000_000}'/>".encode()

        root = parse(body)

        assert len(root.attrib) == 10_001
