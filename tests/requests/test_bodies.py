"""What a request is written in, told by its media type or by its first character."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.http import HttpResponse, QueryDict
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from multistatus_app.exceptions import ContentTooLarge, LengthRequired, MalformedBatch
from multistatus_app.formats.negotiation import BulkContentNegotiation, get_bulk_parsers
from multistatus_app.requests import bodies

pytestmark = pytest.mark.once

FORM = "application/x-www-form-urlencoded"
UNTOLD = ["", "text/plain", "TEXT/PLAIN; charset=utf-8", FORM, f"{FORM}; charset=utf-8"]


def make_request(body: bytes, content_type: str, **headers: str) -> Any:
    return APIRequestFactory().generic(
        "POST", "/", body, content_type=content_type, headers=headers
    )


def read(body: bytes, content_type: str, **headers: str) -> Any:
    request = Request(
        make_request(body, content_type, **headers),
        parsers=get_bulk_parsers([]),
        negotiator=BulkContentNegotiation(),
    )
    return bodies.read(request)


@pytest.mark.parametrize(
    ("content_type", "format"),
    [
        ("application/json", "json"),
        ("Application/JSON; charset=utf-8", "json"),
        ("application/xml", "xml"),
        ('text/xml; charset="utf-8"', "xml"),
        ("multipart/form-data; boundary=x", None),
        ("application/octet-stream", None),
    ],
)
def test_format_that_is_told(content_type: str, format: str | None) -> None:
    request = make_request(b"<", content_type, Cookie="a=b")

    assert bodies.get_request_format(request) == format
    assert not hasattr(request, "_body")


@pytest.mark.parametrize(
    ("body", "format"),
    [
        (b"[1]", "json"),
        (b' \r\n\t{"operations": []}', "json"),
        (b"<m:bulk/>", "xml"),
        (b"\xef\xbb\xbf\n[", "json"),
        (b"\xef\xbb\xbf <", "xml"),
        ("\ufeff [1]".encode("utf-16-le"), "json"),
        ("\ufeff\n<".encode("utf-16-be"), "xml"),
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
    content_type: str, body: bytes, format: str | None
) -> None:
    assert bodies.get_request_format(make_request(body, content_type)) == format


@pytest.mark.parametrize("name", ["Cookie", "Origin", "Sec-Fetch-Site"])
@pytest.mark.parametrize("content_type", UNTOLD)
def test_not_from_a_browser(content_type: str, name: str) -> None:
    request = make_request(b"[1]", content_type, **{name: "null"})

    assert bodies.get_request_format(request) is None


def test_white_space_is_passed_over_in_linear_time() -> None:
    assert bodies.get_request_format(make_request(b" " * 2_000_000 + b"[", "")) == (
        "json"
    )


@pytest.mark.parametrize(
    ("body", "format"),
    [
        (b"[1, 2]", "json"),
        (b"<m:bulk/>", "xml"),
        (b" " * 1023 + b"<m:bulk/>", "xml"),
        (b" " * 1024 + b"<m:bulk/>", None),
        (b"name=a", None),
    ],
)
def test_over_the_limit(settings: Any, body: bytes, format: str | None) -> None:
    """What is refused is read no further than to know what to answer in."""
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 3
    http = make_request(body, "")

    assert bodies.get_request_format(http) == format
    assert http.read() == body[1024:]
    with pytest.raises(ContentTooLarge):
        read(body, "")


class Body(BytesIO):
    """A body that ends, or breaks off, and counts how much of it was read."""

    breaks_off = False
    length = 0

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(size)
        self.length += len(piece)
        if self.breaks_off and not piece:
            raise ConnectionResetError
        return piece


def refuse(body: Body, *, terminated: bool) -> None:
    """Refuse a request, and close its answer as servers do."""
    http = make_request(b"", "")
    http.environ |= {"wsgi.input": body, "wsgi.input_terminated": terminated}
    response = HttpResponse(status=413)
    bodies.discard_after(response, Request(http))
    assert body.length == 0
    response.close()


@pytest.mark.django_db  # its connection is looked at when an answer is closed
@pytest.mark.parametrize("breaks_off", [False, True])
def test_rest_of_a_refused_body(breaks_off: bool) -> None:
    body = Body(bytes(100_000))
    body.breaks_off = breaks_off
    refuse(body, terminated=True)

    assert body.length == 100_000


@pytest.mark.django_db
def test_rest_of_a_refused_body_is_read_within_a_bound() -> None:
    body = Body(bytes(33 * 1024 * 1024))
    refuse(body, terminated=True)

    assert body.length == 32 * 1024 * 1024


@pytest.mark.django_db
def test_rest_of_a_refused_body_whose_end_the_server_does_not_tell() -> None:
    body = Body(b"[1]")
    refuse(body, terminated=False)

    assert body.length == 0


@pytest.mark.parametrize("content_type", UNTOLD)
def test_read_untold(content_type: str) -> None:
    assert read(b"[1]", content_type) == [1]
    xml = b'<m:bulk xmlns:m="urn:multistatus"><m:item>1</m:item></m:bulk>'
    assert read(xml, content_type) == ["1"]


def test_a_document_is_no_form_to_others() -> None:
    http = make_request(b"[1]", FORM)
    request = Request(
        http, parsers=get_bulk_parsers([]), negotiator=BulkContentNegotiation()
    )

    assert bodies.read(request) == [1]
    assert QueryDict() == http.POST
    assert not http.FILES


def test_a_form_that_was_read_before() -> None:
    """As Django's check against forgery does."""
    http = make_request(b"[1]", FORM)
    assert list(http.POST) == ["[1]"]
    request = Request(
        http, parsers=get_bulk_parsers([]), negotiator=BulkContentNegotiation()
    )

    assert bodies.read(request) == [1]


def test_fail_chunked() -> None:
    with pytest.raises(LengthRequired) as caught:
        read(b"", "application/json", **{"Transfer-Encoding": "chunked"})

    assert caught.value.status_code == 411
    assert str(caught.value) == (
        "The body came without a Content-Length; send it with one, not chunked."
    )


@pytest.mark.parametrize("content_type", ["", "application/json", "application/xml"])
def test_fail_body_that_somebody_else_has_read(content_type: str) -> None:
    http = make_request(b"[1]", content_type)
    http.read(1)
    request = Request(
        http, parsers=get_bulk_parsers([]), negotiator=BulkContentNegotiation()
    )

    with pytest.raises(MalformedBatch):
        bodies.read(request)
