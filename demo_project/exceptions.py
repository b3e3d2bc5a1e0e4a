"""What the single endpoints answer where the database refuses: 409, as in bulk."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError
from django.db.models import ProtectedError, RestrictedError
from rest_framework import status, views
from rest_framework.exceptions import APIException
from rest_framework.response import Response


class Conflict(APIException):
    """The data is valid by itself, but not beside the rows that are there."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The database refused this because of the rows that it has."
    default_code = "conflict"


class Protected(Conflict):
    """Other rows still need this one."""

    default_detail = "Other rows refer to this one; delete them first."
    default_code = "protected"


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer as DRF does, and 409 where it would have been a 500."""
    if isinstance(exc, ProtectedError | RestrictedError):
        exc = Protected()
    elif isinstance(exc, IntegrityError):
        exc = Conflict()
    return views.exception_handler(exc, context)
