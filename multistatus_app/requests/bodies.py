"""The document in the body of a request, within the limits."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import IO, Any, Final

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

_MOST_DISCARDED: Final = 32 * 1024 * 1024  # bytes
_PIECE: Final = 64 * 1024  # bytes


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


def read_limited(stream: IO[bytes]) -> bytes:
    """Return the whole body, of at most `DATA_UPLOAD_MAX_MEMORY_SIZE` bytes.

    Raises:
        ContentTooLarge: there is more.
    """
    limit: int | None = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if limit is None:
        return stream.read()
    body = b""
    while len(body) <= limit:
        chunk = stream.read(limit + 1 - len(body))
        if not chunk:
            return body
        body += chunk
    raise ContentTooLarge(limit=limit, actual=None)


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


def get_length(request: Request | HttpRequest) -> int:
    """Return the `Content-Length`, or 0."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
