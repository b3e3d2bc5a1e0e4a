"""Exceptions → status and Problems, looked up along the exception's MRO.

Nothing is logged and nothing is rolled back here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import Error as DatabaseException
from django.db import IntegrityError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.settings import api_settings

from multistatus_app.outcomes import Outcome, Problem

ROOT: Final = "#"
LOCK_RETRY_AFTER: Final = 1
"""Seconds after which a locked row is worth another try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What an exception says: everything of an outcome but whose it is."""

    status: int
    problem: Problem
    errors: tuple[Problem, ...] = ()
    retry_after: int | None = None


def explain(exc: Exception) -> Failure | None:
    """Return what an exception says, or None where it is unexpected."""
    for cls in type(exc).__mro__:
        explainer = _EXPLAINERS.get(cls)
        if explainer is not None:
            return explainer(exc)
    return None


def is_expected(exc: Exception) -> bool:
    """Whether an exception says what became of an operation."""
    try:
        return explain(exc) is not None
    except Exception:  # an exception that says impossible things of itself
        return False


def explain_document(status: int, document: Any) -> Failure:
    """Return what the body of a failed response says, in DRF's shape or another."""
    errors: tuple[Problem, ...] = ()
    code = _CODES.get(status, "error")
    detail = None
    if isinstance(document, Mapping):
        named = next(
            (
                document[name]
                for name in ("detail", "message", "title")
                if isinstance(document.get(name), str)
            ),
            None,
        )
        if named is not None:
            detail = str(named)
            code = str(document.get("code") or getattr(named, "code", None) or code)
    if detail is None and document not in (None, "", [], {}):
        errors = tuple(_walk(document, ROOT, default_code="invalid"))
    return Failure(
        status=status,
        problem=Problem(code=code, detail=detail or summarize(errors)),
        errors=errors,
    )


def summarize(errors: tuple[Problem, ...]) -> str:
    """Return the sentence over a set of messages."""
    fields = {error.pointer for error in errors} - {ROOT}
    if fields:
        return (
            "1 field is not valid."
            if len(fields) == 1
            else f"{len(fields)} fields are not valid."
        )
    if len(errors) == 1:
        return errors[0].detail
    return "The data is not valid." if errors else "The operation failed."


def invalid(errors: tuple[Problem, ...]) -> Failure:
    """Return the failure of an operation whose data is not valid."""
    return Failure(
        status=400,
        problem=Problem(code="invalid", detail=summarize(errors)),
        errors=errors,
    )


def ends_transaction(exc: Exception) -> bool:
    """Whether a database has given up the whole transaction, not one statement.

    Serialization failure and deadlock (SQLSTATE 40001, 40P01; MySQL 1213, MariaDB's
    1020), and SQLite's lock on the whole file.
    """
    if not isinstance(exc, DatabaseException):
        return False
    number, text = _get_number(exc), str(exc)
    return (
        _get_sqlstate(exc) in {"40001", "40P01"}
        or number in {1213, 1020}
        or text in {"database is locked", "database table is locked"}
    )


def get_pointer(parent: str, name: Any) -> str:
    """Return the pointer to a member (RFC 6901 3 and 6)."""
    token = str(name).replace("~", "~0").replace("/", "~1")
    escaped = quote(token, safe="!$&'()*+,;=:@?-._~", errors="surrogatepass")
    return f"{parent}/{escaped}"


def _walk(detail: Any, pointer: str, *, default_code: str) -> Iterator[Problem]:
    """Walk the errors of a serializer to the leaves, nested ones and lists included."""
    if isinstance(detail, Mapping):
        for name, value in detail.items():
            whole = name in (api_settings.NON_FIELD_ERRORS_KEY, "__all__")
            inner = pointer if whole else get_pointer(pointer, name)
            yield from _walk(value, inner, default_code=default_code)
    elif isinstance(detail, list | tuple):
        for index, value in enumerate(detail):
            nested = isinstance(value, Mapping | list | tuple)
            inner = get_pointer(pointer, index) if nested else pointer
            yield from _walk(value, inner, default_code=default_code)
    else:
        code = getattr(detail, "code", None) or default_code
        yield Problem(code=str(code), detail=str(detail), pointer=pointer)


def _explain_api_exception(exc: Any) -> Failure:
    status = exc.status_code
    detail = exc.detail
    wait = getattr(exc, "wait", None)
    if isinstance(detail, Mapping | list | tuple):
        errors = tuple(_walk(detail, ROOT, default_code=exc.default_code))
        code, text = exc.default_code, summarize(errors)
    else:
        errors = ()
        code, text = getattr(detail, "code", None) or exc.default_code, str(detail)
    return Failure(
        status=status,
        problem=Problem(code=str(code), detail=text),
        errors=errors,
        retry_after=None if wait is None else math.ceil(wait),
    )


def _explain_validation_error(exc: Any) -> Failure:
    errors = tuple(_walk(exc.detail, ROOT, default_code="invalid"))
    return Failure(
        status=exc.status_code,
        problem=Problem(code="invalid", detail=summarize(errors)),
        errors=errors,
    )


def _explain_django_validation_error(exc: Any) -> Failure:
    return invalid(tuple(_walk(get_error_detail(exc), ROOT, default_code="invalid")))


def _explain_404(exc: Any) -> Failure:
    return _explain_api_exception(exceptions.NotFound(*_get_sentence(exc)))


def _explain_permission_denied(exc: Any) -> Failure:
    return _explain_api_exception(exceptions.PermissionDenied(*_get_sentence(exc)))


def _get_sentence(exc: Exception) -> tuple[str, ...]:
    """Return the exception's own sentence, if it has one, as DRF's handler does."""
    return tuple(map(str, exc.args[:1]))


def _explain_bad_request(exc: Exception) -> Failure:
    problem = Problem(code="bad_request", detail="The operation is not acceptable.")
    return Failure(status=400, problem=problem)


def _explain_protected(exc: Any) -> Failure:
    objects: Any = getattr(exc, "protected_objects", None) or getattr(
        exc, "restricted_objects", ()
    )
    names = sorted({str(each._meta.verbose_name) for each in objects})
    holder = f" by: {', '.join(names)}" if names else ""
    detail = f"It cannot be deleted, because it is referenced{holder}."
    return Failure(status=409, problem=Problem(code="protected", detail=detail))


def _explain_integrity_error(exc: IntegrityError) -> Failure:
    kind = _get_constraint_kind(exc)
    detail = f"The database refused it: it would break {kind}."
    return Failure(status=409, problem=Problem(code="conflict", detail=detail))


def _explain_operational_error(exc: OperationalError) -> Failure | None:
    """Lock not available: SQLSTATE 55P03, MySQL 1205 and 3572 (NOWAIT)."""
    if _get_sqlstate(exc) != "55P03" and _get_number(exc) not in {1205, 3572}:
        return None
    return Failure(
        status=423,
        problem=Problem(code="locked", detail="Somebody else is changing it just now."),
        retry_after=LOCK_RETRY_AFTER,
    )


_KINDS: Final[Mapping[str | int, str]] = {
    "23505": "a unique constraint",
    "23503": "a foreign key constraint",
    "23514": "a check constraint",
    "23502": "a not-null constraint",
    "23P01": "an exclusion constraint",
    1062: "a unique constraint",
    1451: "a foreign key constraint",
    1452: "a foreign key constraint",
    4025: "a check constraint",
    3819: "a check constraint",
    1048: "a not-null constraint",
    1364: "a not-null constraint",
    "UNIQUE": "a unique constraint",
    "FOREIGN": "a foreign key constraint",
    "CHECK": "a check constraint",
    "NOT": "a not-null constraint",
}


def _get_constraint_kind(exc: IntegrityError) -> str:
    """Name the kind of constraint; its name and columns are the database's own."""
    marks: tuple[Any, ...] = (
        _get_sqlstate(exc),
        _get_number(exc),
        str(exc).partition(" ")[0],
    )
    return next((_KINDS[mark] for mark in marks if mark in _KINDS), "a constraint")


def _get_sqlstate(exc: Exception) -> str | None:
    """Return the SQLSTATE that psycopg gives (3: `sqlstate`, 2: `pgcode`)."""
    cause = exc.__cause__
    return getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)


def _get_number(exc: Exception) -> int | None:
    """Return the error number that the MySQL drivers give."""
    number = exc.args[0] if exc.args else None
    return number if isinstance(number, int) else None


_CODES: Final[Mapping[int, str]] = {
    400: "invalid",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    412: "precondition_failed",
    415: "unsupported_media_type",
    423: "locked",
    429: "throttled",
}

_EXPLAINERS: Final[Mapping[type, Callable[[Any], Failure | None]]] = {
    exceptions.APIException: _explain_api_exception,
    exceptions.ValidationError: _explain_validation_error,
    DjangoValidationError: _explain_django_validation_error,
    Http404: _explain_404,
    PermissionDenied: _explain_permission_denied,
    BadRequest: _explain_bad_request,
    SuspiciousOperation: _explain_bad_request,
    IntegrityError: _explain_integrity_error,
    ProtectedError: _explain_protected,
    RestrictedError: _explain_protected,
    OperationalError: _explain_operational_error,
}


def get_unexpected() -> Failure:
    """Return the failure of an unexpected exception: nothing of its inside is told."""
    problem = Problem(
        code="error", detail="An unexpected error occurred; it is logged."
    )
    return Failure(status=500, problem=problem)


def to_outcome(failure: Failure, **members: Any) -> Outcome:
    """Return the outcome of an operation that failed so."""
    return Outcome(
        status=failure.status,
        problem=failure.problem,
        errors=failure.errors,
        retry_after=failure.retry_after,
        **members,
    )
