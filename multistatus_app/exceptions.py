"""Refusals of a whole request. Nothing has run, or nothing of it is kept.

APIException                     (rest_framework)
├── ParseError                   400
│   └── MalformedBatch           400  not the shape that the route takes
├── NothingToMatch               412  an If-Match on the route itself
├── ContentTooLarge              413  a body over the limit
│   └── TooManyOperations        413  more operations than the limit
└── DatabaseUnavailable          503  the database went away, or the commit failed
"""

from __future__ import annotations

from rest_framework import status
from rest_framework.exceptions import APIException, ParseError


class MalformedBatch(ParseError):
    """The body is not what the route takes."""

    default_code = "malformed_batch"


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
        """Name the limit and, where it is known, the actual size, in bytes."""
        size = "more" if actual is None else f"{actual} bytes"
        super().__init__(
            f"The body has {size}, the limit is {limit} bytes. "
            f"Send it in several requests."
        )


class TooManyOperations(ContentTooLarge):
    """The request holds more operations than the viewset takes."""

    default_code = "too_many_operations"

    def __init__(self, *, limit: int, actual: int) -> None:
        """Name the limit and the actual number of operations."""
        APIException.__init__(
            self,
            f"The request holds {actual} operations, the limit is {limit}. "
            f"Send them in several requests.",
        )


class DatabaseUnavailable(APIException):
    """The database went away, or did not commit. Nothing of the request is kept."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "database_unavailable"
    default_detail = (
        "The database could not complete the request. Nothing of it was kept; "
        "send it again."
    )
