"""The format of a request, told by its media type or by its first character."""

from __future__ import annotations

from typing import Any

import pytest

from multistatus_app.exceptions import ContentTooLarge
from multistatus_app.formats.base import Format
from multistatus_app.formats.json import JSON
from multistatus_app.formats.registry import FORMATS, get_request_format
from multistatus_app.formats.xml import XML
from tests.requests.bodies import UNTOLD, make_request, read

pytestmark = pytest.mark.once


def test_a_media_type_is_of_one_format() -> None:
    media_types = [each for format in FORMATS for each in format.media_types]

    assert media_types == ["application/json", "application/xml", "text/xml"]


@pytest.mark.parametrize("format", FORMATS)
def test_what_is_read_can_be_written(format: Format) -> None:
    written = [str(each.media_type) for each in format.renderers]

    assert [*format.media_types] == written


@pytest.mark.parametrize(
    ("content_type", "format"),
    [
        ("application/json", JSON),
        ("Application/JSON; charset=utf-8", JSON),
        ("application/xml", XML),
        ('text/xml; charset="utf-8"', XML),
        ("multipart/form-data; boundary=x", None),
        ("application/octet-stream", None),
    ],
)
def test_format_that_is_told(content_type: str, format: Format | None) -> None:
    request = make_request(b"<", content_type, Cookie="a=b")

    assert get_request_format(request) == format
    assert not hasattr(request, "_body")


@pytest.mark.parametrize(
    ("body", "format"),
    [
        (b"[1]", JSON),
        (b' \r\n\t{"operations": []}', JSON),
        (b"<m:bulk/>", XML),
        (b"\xef\xbb\xbf\n[", JSON),
        (b"\xef\xbb\xbf <", XML),
        ("\ufeff [1]".encode("utf-16-le"), JSON),
        ("\ufeff\n<".encode("utf-16-be"), XML),
        (b"\xff\xfe\x00", None),
        (b"name=a", None),
        (b'"a"', None),
        (b"\x00[", None),
        (b"\x0c[", None),
        ("é".encode(), None),
        (b"  ", None),
        (b"", None),
    ],
)
@pytest.mark.parametrize("content_type", UNTOLD)
def test_format_by_the_first_character(
    content_type: str, body: bytes, format: Format | None
) -> None:
    assert get_request_format(make_request(body, content_type)) == format


@pytest.mark.parametrize("name", ["Cookie", "Origin", "Sec-Fetch-Site"])
@pytest.mark.parametrize("content_type", UNTOLD)
def test_not_from_a_browser(content_type: str, name: str) -> None:
    request = make_request(b"[1]", content_type, **{name: "null"})

    assert get_request_format(request) is None


def test_white_space_is_passed_over_in_linear_time() -> None:
    assert get_request_format(make_request(b" " * 2_000_000 + b"[", "")) == JSON


@pytest.mark.parametrize(
    ("body", "format"),
    [
        (b"[1, 2]", JSON),
        (b"<m:bulk/>", XML),
        (b" " * 1023 + b"<m:bulk/>", XML),
        (b" " * 1024 + b"<m:bulk/>", None),
        (b"name=a", None),
    ],
)
def test_over_the_limit(settings: Any, body: bytes, format: Format | None) -> None:
    """What is refused is read no further than to know what to answer in."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 3
    http = make_request(body, "")

    assert get_request_format(http) == format
    assert http.read() == body[1024:]
    with pytest.raises(ContentTooLarge):
        read(body, "")
