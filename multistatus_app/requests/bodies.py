"""The document in the body of a request, within the limits, and its format."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from typing import IO, Any, Final, Literal

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, QueryDict, UnreadablePostError
from django.http.request import RawPostDataException
from django.utils.datastructures import MultiValueDict
from rest_framework.request import Request, is_form_media_type

from multistatus_app.exceptions import (
    ContentTooLarge,
    LengthRequired,
    MalformedBatch,
)

Format = Literal["json", "xml"]

_DECLARED: Final[dict[str, Format]] = {
    "application/json": "json",
    "application/xml": "xml",
    "text/xml": "xml",
}
# The types that clients send by default: runserver, `curl -d @file` and PHP.
_UNTOLD: Final = frozenset({"", "text/plain", "application/x-www-form-urlencoded"})
# Headers that a page of another site, or a user's session, always sends.
_OF_BROWSERS: Final = ("Cookie", "Origin", "Sec-Fetch-Site")
_FIRST: Final[dict[str, Format]] = {"<": "xml", "[": "json", "{": "json"}
_UTF_16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_LONGEST_BEGINNING: Final = 1024  # bytes
_MOST_DISCARDED: Final = 32 * 1024 * 1024  # bytes
_PIECE: Final = 64 * 1024  # bytes
_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+(.)", re.DOTALL)


def read(request: Request) -> Any:
    """Return the document in the body of a request.

    Raises:
        ContentTooLarge: over `DATA_UPLOAD_MAX_MEMORY_SIZE`.
        LengthRequired: nothing arrived, for want of a Content-Length.
        MalformedBatch: nothing arrived, or too little, or it nests too deep.
        ParseError: what the parser refuses.
        UnsupportedMediaType: no parser takes the media type.
    """
    length = get_length(request)
    limit: int | None = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if limit is not None and length > limit:
        raise ContentTooLarge(limit=limit, actual=length)
    if not length:
        if "Transfer-Encoding" in request.headers:
            raise LengthRequired
        raise MalformedBatch(
            "The body is empty; it takes an array, or an object with operations."
        )
    try:
        document = request.data
    except RequestDataTooBig as exc:
        raise ContentTooLarge(limit=limit or 0, actual=None) from exc
    except (UnreadablePostError, RawPostDataException) as exc:
        raise MalformedBatch("The body ended before all of it had arrived.") from exc
    except RecursionError as exc:
        raise MalformedBatch("The body nests too deep.") from exc
    if is_form_media_type(request.content_type):
        # The form is empty, though REST framework has put the document there.
        http: Any = request._request
        http._post, http._files = QueryDict(), MultiValueDict()
    return document


def get_request_format(request: HttpRequest) -> Format | None:
    """Return the format of a request: `json`, `xml`, or None if it is neither.

    A body without a media type, or with a client's default one, is recognized by its
    first character. This does not apply if a browser may have sent it for a page of
    another site.
    """
    media_type = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if media_type not in _UNTOLD:
        return _DECLARED.get(media_type)
    if any(map(request.headers.get, _OF_BROWSERS)):
        return None
    try:
        body = _get_beginning(request)
    except (UnreadablePostError, RawPostDataException):
        return None  # `read` reports it
    return _FIRST.get(_get_first_character(body))


def discard_after(response: Any, request: Any) -> None:
    """Read the rest of a refused body after the response is sent.

    A server that closes a connection with unread bytes resets it. A proxy that still
    sends the body then answers 502 instead of the refusal (RFC 9112 9.6). Nothing is
    read unless the server says that reading ends with the body.
    """
    environ = getattr(request, "environ", {})
    if environ.get("wsgi.input_terminated"):
        discard = partial(_discard, environ["wsgi.input"])
        response._resource_closers.append(discard)  # where Django adds the request's


def _discard(stream: IO[bytes]) -> None:
    left = _MOST_DISCARDED
    with suppress(OSError):  # the client left
        while left > 0 and (piece := stream.read(_PIECE)):
            left -= len(piece)


def _get_beginning(request: HttpRequest) -> bytes:
    """Return the body, or its beginning if it is too large."""
    try:
        return request.body
    except RequestDataTooBig:
        return request.read(_LONGEST_BEGINNING)


def _get_first_character(body: bytes) -> str:
    """Return the first character after a byte order mark and white space."""
    if body.startswith(_UTF_16_MARKS):
        return body.decode("utf-16", "replace").lstrip(" \t\r\n")[:1]
    match = _START.match(body)
    return match[1].decode("ascii", "replace") if match else ""


def get_length(request: Request | HttpRequest) -> int:
    """Return the `Content-Length`, or 0."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
