"""Exceptions → Failures, looked up along the exception's MRO.

Nothing is logged and nothing is rolled back here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.fields import get_error_detail

from multistatus_app.problems.constraints import explain_constraint
from multistatus_app.problems.drivers import get_marks, get_number, get_sqlstate
from multistatus_app.problems.failures import Failure, fail, get_unexpected
from multistatus_app.problems.messages import ToPointer, fail_with_messages, to_pointer

LOCK_RETRY_AFTER: Final = 1
"""Seconds after which to retry on a locked row."""


def explain(exc: Exception, *, to_pointer: ToPointer = to_pointer) -> Failure | None:
    """Return the failure that an exception describes, or None if it is unexpected.

    `to_pointer` makes the pointer to the field at a path, in the client's names.
    """
    for cls in type(exc).__mro__:
        explainer = _EXPLAINERS.get(cls)
        if explainer is not None:
            return explainer(exc, to_pointer)
    return None


def explain_refusal(exc: Exception) -> Failure:
    """Return the failure for the refusal of a whole request. Never raises."""
    try:
        return explain(exc) or get_unexpected()
    except Exception:  # the exception's attributes are invalid
        return get_unexpected()


def is_expected(exc: Exception) -> bool:
    """Return True if an exception describes the failure of an operation."""
    try:
        return explain(exc) is not None
    except Exception:  # as above
        return False


def _explain_api_exception(exc: Any, to_pointer: ToPointer) -> Failure:
    detail, wait = exc.detail, getattr(exc, "wait", None)
    if isinstance(detail, Mapping | list | tuple):
        return fail_with_messages(
            exc.status_code, detail, code=exc.default_code, to_pointer=to_pointer
        )
    return fail(
        exc.status_code,
        getattr(detail, "code", None) or exc.default_code,
        detail,
        retry_after=None if wait is None else math.ceil(wait),
    )


def _explain_validation_error(exc: Any, to_pointer: ToPointer) -> Failure:
    return fail_with_messages(
        exc.status_code, exc.detail, code="invalid", to_pointer=to_pointer
    )


def _explain_django_validation_error(exc: Any, to_pointer: ToPointer) -> Failure:
    return fail_with_messages(
        400, get_error_detail(exc), code="invalid", to_pointer=to_pointer
    )


def _explain_404(exc: Any, to_pointer: ToPointer) -> Failure:
    # With its own sentence, if any, as in DRF's handler.
    found = exceptions.NotFound(*map(str, exc.args[:1]))
    return _explain_api_exception(found, to_pointer)


def _explain_permission_denied(exc: Any, to_pointer: ToPointer) -> Failure:
    found = exceptions.PermissionDenied(*map(str, exc.args[:1]))
    return _explain_api_exception(found, to_pointer)


def _explain_bad_request(exc: Exception, to_pointer: ToPointer) -> Failure:
    return fail(400, "bad_request", "The operation is not acceptable.")


def _explain_protected(exc: Any, to_pointer: ToPointer) -> Failure:
    """Name the models that refer to it, but no rows."""
    objects: Any = getattr(exc, "protected_objects", None) or getattr(
        exc, "restricted_objects", ()
    )
    names = sorted({str(each._meta.verbose_name) for each in objects})
    holder = f" by: {', '.join(names)}" if names else ""
    return fail(
        409, "protected", f"It cannot be deleted, because it is referenced{holder}."
    )


def _explain_integrity_error(exc: IntegrityError, to_pointer: ToPointer) -> Failure:
    # The name and the columns of the constraint are not shown to clients.
    kinds = [_KINDS[mark] for mark in get_marks(exc) if mark in _KINDS]
    kind = kinds[0] if kinds else "a constraint"
    sentence = f"The database refused it: it would break {kind}."
    failure = explain_constraint(exc, sentence=sentence, to_pointer=to_pointer)
    return failure or fail(409, "conflict", sentence)


def _explain_operational_error(
    exc: OperationalError, to_pointer: ToPointer
) -> Failure | None:
    """Explain a lock that is not available.

    These are SQLSTATE 55P03, MySQL 1205 and 3572 (NOWAIT).
    """
    if get_sqlstate(exc) != "55P03" and get_number(exc) not in {1205, 3572}:
        return None
    return fail(
        423,
        "locked",
        "Somebody else is changing it just now.",
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

_EXPLAINERS: Final[Mapping[type, Callable[[Any, ToPointer], Failure | None]]] = {
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
