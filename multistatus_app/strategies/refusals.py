"""Outcomes of operations whose transaction was not committed."""

from __future__ import annotations

from typing import Final

from django.db import Error as DatabaseException

from multistatus_app.exceptions import DatabaseUnavailable
from multistatus_app.handlers import Handler
from multistatus_app.outcomes import Operation, Outcome, Problem
from multistatus_app.problems import ends_transaction

_NOT_KEPT: Final = "The database could not complete it. It was not kept; send it again."
_CONFLICT: Final = (
    "Another transaction was changing the same rows, and the database gave this one "
    "up: a deadlock, or a serialization failure. It was not kept; send it again."
)


def is_conflict(exc: BaseException | None) -> bool:
    """Return True if a deadlock or serialization failure is among the causes."""
    while exc is not None:
        if isinstance(exc, DatabaseException) and ends_transaction(exc):
            return True
        exc = exc.__cause__
    return False


def refuse(operation: Operation, exc: Exception, handler: Handler) -> Outcome:
    """Return the outcome of an operation whose transaction was not committed."""
    problem = Problem(
        code=DatabaseUnavailable.default_code,
        detail=_CONFLICT if is_conflict(exc) else _NOT_KEPT,
    )
    return Outcome(
        operation=operation,
        status=DatabaseUnavailable.status_code,
        href=handler.get_href(operation),
        problem=problem,
        retry_after=DatabaseUnavailable.wait,
    )
