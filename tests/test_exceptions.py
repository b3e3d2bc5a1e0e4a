from __future__ import annotations

import pytest
from rest_framework.exceptions import APIException, ParseError

from multistatus_app import exceptions
from multistatus_app.exceptions import (
    ContentTooLarge,
    DatabaseUnavailable,
    MalformedBatch,
    TooManyOperations,
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
    assert DatabaseUnavailable.__bases__ == (APIException,)


def test_every_exception_is_in_the_drawing():
    for name, value in vars(exceptions).items():
        if isinstance(value, type) and value.__module__ == exceptions.__name__:
            assert f"── {name} " in (exceptions.__doc__ or "")
