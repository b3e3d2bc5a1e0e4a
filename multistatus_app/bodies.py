"""The body of a request → its document, within the limits."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import UnreadablePostError
from rest_framework.request import Request

from multistatus_app.exceptions import ContentTooLarge, MalformedBatch


def read(request: Request) -> Any:
    """Return the document in the body of a request.

    Raises:
        ContentTooLarge: over `DATA_UPLOAD_MAX_MEMORY_SIZE`.
        MalformedBatch: nothing arrived, or too little, or it nests too deep.
        ParseError: what the parser refuses.
        UnsupportedMediaType: no parser takes the media type.
    """
    length = _get_length(request)
    limit: int | None = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if limit is not None and length > limit:
        raise ContentTooLarge(limit=limit, actual=length)
    if not length:
        raise MalformedBatch(_get_reason_for_nothing(request))
    try:
        return request.data
    except RequestDataTooBig as exc:
        raise ContentTooLarge(limit=limit or 0, actual=None) from exc
    except UnreadablePostError as exc:
        raise MalformedBatch("The body ended before all of it had arrived.") from exc
    except RecursionError as exc:
        raise MalformedBatch("The body nests too deep.") from exc


def _get_length(request: Request) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _get_reason_for_nothing(request: Request) -> str:
    if "Transfer-Encoding" in request.headers:
        return "The body came without a Content-Length; send it with one, not chunked."
    return "The body is empty; it takes an array, or an object with operations."
