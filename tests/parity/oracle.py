"""What the batch must say, derived from what the single endpoint said.

The differences that docs/wire.md lists are made here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.fields import get_error_detail

ANYTHING: Any = object()
"""What the single endpoint does not say, and the batch may."""

_UNEXPECTED = "An unexpected error occurred; it is logged."
_DURABLE = (
    "It opens a durable transaction, which cannot stand inside that of a batch; with "
    "bulk_commit_every = 1 on the viewset it can."
)


@dataclass
class Said:
    """What was said of one operation."""

    status: int
    data: Any = None
    code: Any = ANYTHING
    detail: Any = ANYTHING
    errors: Any = ANYTHING
    """(pointer, code, message) of each, sorted by nothing."""
    retry_after: Any = None
    href: Any = ANYTHING

    def get_difference(self, other: Said) -> str | None:
        """Return how another one is not as this one expects."""
        for name in vars(self):
            mine, others = getattr(self, name), getattr(other, name)
            if mine is not ANYTHING and mine != others:
                return f"{name}: single {mine!r}, batch {others!r}"
        return None


def expect(
    response: Any, raised: BaseException | None, handled: Exception | None
) -> Said:
    """Return what the batch must say.

    `raised` came out of the view or of the commit, `handled` was seen by the exception
    handler.
    """
    if raised is not None:
        return _expect_raised(raised)
    status = response.status_code
    if status < 400:
        return Said(
            status=status,
            data=_get_document(response),
            errors=[],
            code=None,
            detail=None,
        )
    if handled is None:
        return _expect_document(response)
    if isinstance(handled, ValidationError):
        return Said(
            status=status,
            code="invalid",
            errors=list(_walk(handled.get_full_details(), "#")),
        )
    if isinstance(handled, DjangoValidationError):
        said = _expect_raised(handled)
        said.status = status  # the handler's
        return said
    if isinstance(handled, APIException):
        wait = response.headers.get("Retry-After")
        return Said(
            status=status,
            code=handled.get_codes(),
            detail=str(handled.detail),
            errors=[],
            retry_after=wait and int(wait),
        )
    document = _get_document(response)
    # A project's own handler decides the status; what is said stays the exception's.
    own = status not in (403, 404) or "detail" not in document
    return Said(
        status=status, detail=ANYTHING if own else document["detail"], errors=[]
    )


def _expect_raised(raised: BaseException) -> Said:
    if isinstance(raised, DjangoValidationError):
        details = get_error_detail(raised)
        return Said(
            status=400, code="invalid", errors=list(_walk(_get_full(details), "#"))
        )
    if isinstance(raised, ProtectedError | RestrictedError):
        return Said(status=409, code="protected", errors=[])
    if isinstance(raised, IntegrityError):
        return Said(status=409, code="conflict", errors=[])
    if isinstance(raised, BadRequest | SuspiciousOperation):
        return Said(status=400, errors=[])
    if isinstance(raised, OperationalError):
        return Said(status=500, errors=[])
    is_durable = "durable atomic block" in str(raised)
    return Said(
        status=500,
        code="error",
        detail=_DURABLE if is_durable else _UNEXPECTED,
        errors=[],
    )


def _expect_document(response: Any) -> Said:
    """A response that nobody raised: an action's own, or Django's 404."""
    data = getattr(response, "data", None)
    if data is None:
        return Said(status=response.status_code)
    if isinstance(data, dict) and isinstance(data.get("detail"), str):
        return Said(status=response.status_code, detail=str(data["detail"]), errors=[])
    return Said(status=response.status_code, errors=list(_walk(_get_full(data), "#")))


def read(result: dict[str, Any]) -> Said:
    """Return what a batch said."""
    error = result.get("error", {})
    return Said(
        status=result["status"],
        data=result.get("data"),
        code=error.get("code"),
        detail=error.get("detail"),
        errors=[
            (each["pointer"], each["code"], each["detail"])
            for each in error.get("errors", [])
        ],
        retry_after=result.get("retry_after"),
        href=result.get("href"),
    )


def _get_document(response: Any) -> Any:
    return response.json() if response.content else None


def _get_full(detail: Any) -> Any:
    if isinstance(detail, dict):
        return {name: _get_full(each) for name, each in detail.items()}
    if isinstance(detail, list):
        return [_get_full(each) for each in detail]
    return {"message": detail, "code": detail.code}


def _walk(detail: Any, pointer: str) -> Iterator[tuple[str, str, str]]:
    """Walk full details to the leaves."""
    if isinstance(detail, dict):
        if detail.keys() == {"message", "code"} and isinstance(detail["message"], str):
            yield pointer, str(detail["code"]), str(detail["message"])
            return
        for name, each in detail.items():
            whole = name in ("non_field_errors", "__all__")
            yield from _walk(each, pointer if whole else f"{pointer}/{_escape(name)}")
        return
    for index, each in enumerate(detail):
        leaf = isinstance(each, dict) and each.keys() == {"message", "code"}
        yield from _walk(each, pointer if leaf else f"{pointer}/{index}")


def _escape(name: Any) -> str:
    token = str(name).replace("~", "~0").replace("/", "~1")
    return quote(token, safe="!$&'()*+,;=:@?-._~")
