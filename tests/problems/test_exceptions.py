"""Exceptions → status, code and messages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.core import exceptions as django
from django.db import IntegrityError, InternalError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.exceptions import ErrorDetail

from multistatus_app import problems
from multistatus_app.outcomes import Problem
from tests.problems.explaining import caused, explain
from tests.shop.models import Product, Review, Tag

pytestmark = pytest.mark.once

REFUSED = "The database refused it: it would break {}."
REFERENCED = "It cannot be deleted, because it is referenced{}."


@pytest.mark.parametrize(
    ("exc", "status", "code", "detail"),
    [
        (exceptions.NotFound(), 404, "not_found", "Not found."),
        (exceptions.NotFound("Gone.", "gone"), 404, "gone", "Gone."),
        (Http404(), 404, "not_found", "Not found."),
        (Http404("No City."), 404, "not_found", "No City."),
        (exceptions.PermissionDenied(), 403, "permission_denied",
         "You do not have permission to perform this action."),
        (django.PermissionDenied(), 403, "permission_denied",
         "You do not have permission to perform this action."),
        (django.PermissionDenied("Mine."), 403, "permission_denied", "Mine."),
        (exceptions.NotAuthenticated(), 401, "not_authenticated",
         "Authentication credentials were not provided."),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed",
         'Method "PUT" not allowed.'),
        (exceptions.APIException("x", code="y"), 500, "y", "x"),
        (django.BadRequest("secret"), 400, "bad_request",
         "The operation is not acceptable."),
        (django.SuspiciousOperation("secret"), 400, "bad_request",
         "The operation is not acceptable."),
        (django.DisallowedRedirect("secret"), 400, "bad_request",
         "The operation is not acceptable."),
        (caused(IntegrityError("x"), sqlstate="23505"), 409, "conflict",
         REFUSED.format("a unique constraint")),
        (caused(IntegrityError("x"), pgcode="23503"), 409, "conflict",
         REFUSED.format("a foreign key constraint")),
        (caused(IntegrityError("x"), sqlstate="23514"), 409, "conflict",
         REFUSED.format("a check constraint")),
        (caused(IntegrityError("x"), sqlstate="23502"), 409, "conflict",
         REFUSED.format("a not-null constraint")),
        (caused(IntegrityError("x"), sqlstate="23P01"), 409, "conflict",
         REFUSED.format("an exclusion constraint")),
        (IntegrityError(1062, "secret"), 409, "conflict",
         REFUSED.format("a unique constraint")),
        (IntegrityError(1452, "secret"), 409, "conflict",
         REFUSED.format("a foreign key constraint")),
        (IntegrityError(4025, "secret"), 409, "conflict",
         REFUSED.format("a check constraint")),
        (IntegrityError(1048, "secret"), 409, "conflict",
         REFUSED.format("a not-null constraint")),
        (IntegrityError("UNIQUE constraint failed: a.b"), 409, "conflict",
         REFUSED.format("a unique constraint")),
        (IntegrityError("FOREIGN KEY constraint failed"), 409, "conflict",
         REFUSED.format("a foreign key constraint")),
        (IntegrityError("CHECK constraint failed: a"), 409, "conflict",
         REFUSED.format("a check constraint")),
        (IntegrityError("NOT NULL constraint failed: a.b"), 409, "conflict",
         REFUSED.format("a not-null constraint")),
        (IntegrityError(), 409, "conflict", REFUSED.format("a constraint")),
        (ProtectedError("secret", {Review(pk=1), Tag(pk=1)}), 409, "protected",
         REFERENCED.format(" by: review, tag")),
        (RestrictedError("secret", {Review(pk=1), Review(pk=2)}), 409, "protected",
         REFERENCED.format(" by: review")),
        (ProtectedError("secret", set()), 409, "protected", REFERENCED.format("")),
    ],
)  # fmt: skip
def test_exception(exc: Exception, status: int, code: str, detail: str) -> None:
    assert explain(exc) == problems.Failure(
        status=status, problem=Problem(code=code, detail=detail)
    )


@pytest.mark.parametrize(
    "exc",
    [
        caused(OperationalError("x"), sqlstate="55P03"),
        OperationalError(1205, "secret"),
        OperationalError(3572, "secret"),
    ],
)
def test_lock_not_available(exc: Exception) -> None:
    assert explain(exc) == problems.Failure(
        status=423,
        problem=Problem(code="locked", detail="Somebody else is changing it just now."),
        retry_after=1,
    )


def test_throttled() -> None:
    assert explain(exceptions.Throttled(wait=6.2)) == problems.Failure(
        status=429,
        problem=Problem(
            code="throttled",
            detail="Request was throttled. Expected available in 7 seconds.",
        ),
        retry_after=7,
    )
    assert explain(exceptions.Throttled()).retry_after is None


@pytest.mark.parametrize(
    "exc",
    [
        RuntimeError("x"),
        OperationalError("x"),
        InternalError("x"),
        caused(OperationalError("x"), sqlstate="57P01"),
        AssertionError(),
        Product.DoesNotExist(),
    ],
)
def test_unexpected(exc: Exception) -> None:
    assert problems.explain(exc) is None


class Paid(exceptions.APIException):
    """A project's own, with a dict for its detail."""

    status_code = 402
    default_code = "payment"


def test_exceptions_of_a_project() -> None:
    class Unpaid(Paid):
        default_detail = "Pay first."

    class Torn(IntegrityError):
        pass

    assert explain(Unpaid()) == problems.Failure(
        status=402, problem=Problem(code="payment", detail="Pay first.")
    )
    assert explain(Torn("UNIQUE x")).status == 409
    assert explain(Paid({"card": ["Expired."], "sum": ErrorDetail("Low.", "low")})) == (
        problems.Failure(
            status=402,
            problem=Problem(code="payment", detail="2 fields are not valid."),
            errors=(
                Problem(code="payment", detail="Expired.", pointer="#/card"),
                Problem(code="low", detail="Low.", pointer="#/sum"),
            ),
        )
    )


def test_refusal_never_raises() -> None:
    class Impossible(exceptions.APIException):
        detail = property(lambda self: 1 / 0, lambda self, value: None)

    assert problems.explain_refusal(Impossible()) == problems.get_unexpected()
    assert problems.explain_refusal(RuntimeError("x")) == problems.get_unexpected()
    assert problems.explain_refusal(Http404("x")).problem.detail == "x"


@pytest.mark.parametrize(
    ("exc", "ends"),
    [
        (caused(OperationalError("x"), sqlstate="40001"), True),
        (caused(OperationalError("x"), sqlstate="40P01"), True),
        (OperationalError(1213, "Deadlock found"), True),
        (OperationalError(1020, "Record has changed"), True),
        (OperationalError("database is locked"), True),
        (OperationalError("database table is locked"), True),
        (caused(OperationalError("x"), sqlstate="55P03"), False),
        (OperationalError(1205, "Lock wait timeout exceeded"), False),
        (IntegrityError("UNIQUE"), False),
        (RuntimeError("database is locked"), False),
        (SimpleNamespace(), False),
    ],
)
def test_ends_transaction(exc: Any, ends: bool) -> None:
    assert problems.ends_transaction(exc) is ends
