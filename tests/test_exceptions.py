from __future__ import annotations

import pytest
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType

from multistatus_app import exceptions
from multistatus_app.exceptions import (
    ContentTooLarge,
    DatabaseUnavailable,
    LengthRequired,
    MalformedBatch,
    NothingToMatch,
    TooManyOperations,
    UnsupportedCoding,
    UnsupportedFormat,
)

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("exception", "status", "code", "detail"),
    [
        (MalformedBatch("No."), 400, "malformed_batch", "No."),
        (
            ContentTooLarge(limit=10, actual=12),
            413,
            "content_too_large",
            "The body has 12 bytes, the limit is 10 bytes. "
            "Send it in several requests.",
        ),
        (
            ContentTooLarge(limit=10, actual=None),
            413,
            "content_too_large",
            "The body has more, the limit is 10 bytes. Send it in several requests.",
        ),
        (
            TooManyOperations(limit=10, actual=12),
            413,
            "too_many_operations",
            "The request holds 12 operations, the limit is 10. "
            "Send them in several requests.",
        ),
        (
            LengthRequired(),
            411,
            "length_required",
            "The body came without a Content-Length; send it with one, not chunked.",
        ),
        (
            UnsupportedFormat("text/csv", taken=["a/b", "c/d", "e/f"]),
            415,
            "unsupported_media_type",
            'Unsupported media type "text/csv" in request; send a/b, c/d or e/f.',
        ),
        (
            UnsupportedFormat("", taken=["a/b"]),
            415,
            "unsupported_media_type",
            "The request has no media type; send a/b.",
        ),
        (
            UnsupportedCoding("gzip", taken=["a/b", "c/d"]),
            415,
            "unsupported_media_type",
            'The body has the Content-Encoding "gzip"; send it without one, as a/b or '
            "c/d.",
        ),
        (
            DatabaseUnavailable(),
            503,
            "database_unavailable",
            "The database could not complete the request. Nothing of it was kept; "
            "send it again.",
        ),
    ],
)
def test_what_the_client_is_told(exception, status, code, detail):
    assert exception.status_code == status
    assert exception.detail == detail
    assert exception.detail.code == code


def test_tree():
    """As the docstring draws it."""
    assert MalformedBatch.__bases__ == (ParseError,)
    assert ContentTooLarge.__bases__ == (APIException,)
    assert TooManyOperations.__bases__ == (ContentTooLarge,)
    assert LengthRequired.__bases__ == (APIException,)
    assert NothingToMatch.__bases__ == (APIException,)
    assert UnsupportedFormat.__bases__ == (UnsupportedMediaType,)
    assert UnsupportedCoding.__bases__ == (UnsupportedFormat,)
    assert DatabaseUnavailable.__bases__ == (APIException,)


def test_every_exception_is_in_the_drawing():
    for name, value in vars(exceptions).items():
        if isinstance(value, type) and value.__module__ == exceptions.__name__:
            assert f"── {name} " in (exceptions.__doc__ or "")
