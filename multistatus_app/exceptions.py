"""Refusals of a whole request. Nothing has run, or nothing of it is kept.

::

    APIException                     (rest_framework)
    ├── ParseError                   400
    │   └── MalformedBatch           400  not the shape that the route takes
    ├── LengthRequired               411  a body without a length: nothing arrived
    ├── NothingToMatch               412  an If-Match on the route itself
    ├── PathTooLong                  414  a path that would stand in too many results
    ├── ContentTooLarge              413  a body over the limit
    │   └── TooManyOperations        413  more operations than the limit
    ├── UnsupportedMediaType         415
    │   └── UnsupportedFormat        415  a media type that is not taken
    │       └── UnsupportedCoding    415  a Content-Encoding
    └── DatabaseUnavailable          503  the database went away, or the commit failed
        └── TransactionConflict      503  a deadlock, or a serialization failure
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType

_LONGEST_NAME: Final = 200


def show(text: str) -> str:
    """Return a client's text in quotes, shortened if it is long."""
    return repr(text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…")


class MalformedBatch(ParseError):
    """The body does not have the shape that the route takes."""

    default_code = "malformed_batch"


class LengthRequired(APIException):
    """The body was chunked, and nothing of it arrived."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_code = "length_required"
    default_detail = (
        "The body came without a Content-Length; send it with one, not chunked."
    )


class NothingToMatch(APIException):
    """An `If-Match` on the route, which has no representation (RFC 9110 13.1.1)."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "precondition_failed"
    default_detail = (
        "If-Match does not hold: this route has no representation. Give the entity "
        "tag of each resource as if_match of its operation in a batch."
    )


class ContentTooLarge(APIException):
    """The body is over `DATA_UPLOAD_MAX_MEMORY_SIZE` (bytes)."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "content_too_large"

    def __init__(self, *, limit: int, actual: int | None) -> None:
        """`limit` and `actual` are in bytes. `actual` is None if it is not known."""
        size = "more" if actual is None else f"{actual} bytes"
        super().__init__(
            f"The body has {size}, the limit is {limit} bytes. "
            f"Send it in several requests."
        )


class TooManyOperations(ContentTooLarge):
    """The request holds more operations than the limit of the viewset."""

    default_code = "too_many_operations"

    def __init__(self, *, limit: int, actual: int) -> None:
        APIException.__init__(
            self,
            f"The request holds {actual} operations, the limit is {limit}. "
            f"Send them in several requests.",
        )


class PathTooLong(APIException):
    """The path of the request is too long to repeat in this many results."""

    status_code = status.HTTP_414_REQUEST_URI_TOO_LONG
    default_code = "path_too_long"

    def __init__(self, *, length: int, operations: int) -> None:
        """`length` is in characters."""
        super().__init__(
            f"The path has {length} characters, which is too long for "
            f"{operations} operations. Send them in several requests."
        )


class UnsupportedFormat(UnsupportedMediaType):
    """The media type of the body is not one that the route takes."""

    def __init__(self, media_type: str, *, taken: Sequence[str]) -> None:
        """`taken` are the media types that the route takes."""
        self.taken = tuple(taken)
        got = (
            f'Unsupported media type "{media_type[:_LONGEST_NAME]}" in request'
            if media_type
            else "The request has no media type"
        )
        super().__init__(media_type, f"{got}; send {self._list_taken()}.")

    def _list_taken(self) -> str:
        *first, last = self.taken
        return f"{', '.join(first)} or {last}" if first else last


class UnsupportedCoding(UnsupportedFormat):
    """The body has a Content-Encoding, such as gzip."""

    def __init__(self, coding: str, *, taken: Sequence[str]) -> None:
        """`taken` are the media types that the route takes without a coding."""
        self.taken = tuple(taken)
        UnsupportedMediaType.__init__(
            self,
            coding,
            f'The body has the Content-Encoding "{coding[:_LONGEST_NAME]}"; '
            f"send it without one, as {self._list_taken()}.",
        )


class DatabaseUnavailable(APIException):
    """The database went away, or did not commit. Nothing of the request is kept."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "database_unavailable"
    default_detail = (
        "The database could not complete the request. Nothing of it was kept; "
        "send it again."
    )
    wait: Final = 1
    """Seconds after which to send the request again."""


class TransactionConflict(DatabaseUnavailable):
    """The database rolled the transaction back because of a concurrent one."""

    default_detail = (
        "Another transaction was changing the same rows, and the database gave this "
        "one up: a deadlock, or a serialization failure. Nothing of the request was "
        "kept; send it again."
    )
