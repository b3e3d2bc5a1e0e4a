"""The body of a request, within the limits."""

from __future__ import annotations

from io import BytesIO, RawIOBase

import pytest
from django.http import HttpResponse, QueryDict
from django.test import override_settings
from rest_framework.request import Request

from multistatus_app.exceptions import ContentTooLarge, LengthRequired, MalformedBatch
from multistatus_app.formats.negotiation import BulkContentNegotiation, get_bulk_parsers
from multistatus_app.requests import bodies
from tests.requests.bodies import FORM, UNTOLD, make_request, read

pytestmark = pytest.mark.once


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


class TestReadLimited:
    class Dribble(RawIOBase):
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
        assert bodies.read_limited(self.Dribble(size)) == b"x" * size

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100)
    @pytest.mark.parametrize("size", [101, 1_000_000])
    def test_fail_too_large(self, size):
        stream = self.Dribble(size)

        with pytest.raises(ContentTooLarge):
            bodies.read_limited(stream)

        assert stream.given == 101

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=None)
    def test_no_limit(self):
        assert len(bodies.read_limited(BytesIO(b"x" * 5_000_000))) == 5_000_000

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=0)
    def test_limit_of_nothing(self):
        assert bodies.read_limited(BytesIO()) == b""
        with pytest.raises(ContentTooLarge):
            bodies.read_limited(BytesIO(b"x"))
