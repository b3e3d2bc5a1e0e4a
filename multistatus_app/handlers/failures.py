"""Failures of operations, explained by the exception or by the response."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any, Final

from django.core.signals import got_request_exception
from django.db.transaction import TransactionManagementError
from django.http.response import HttpResponseBase
from rest_framework.response import Response
from rest_framework.views import exception_handler

from multistatus_app import problems
from multistatus_app.handlers.batches import Batch
from multistatus_app.handlers.states import OperationState
from multistatus_app.outcomes import Operation
from multistatus_app.overrides.origins import is_inherited

DURABLE: Final = (
    "It opens a durable transaction, which cannot stand inside that of a batch; with "
    "bulk_commit_every = 1 on the viewset it can."
)
FAILED: Final = "The operation failed."
UNDONE: Final = (
    "What it did was undone when handle_exception() was called, so it cannot be a "
    "success; let the exception through, or word it without that."
)
MARKED: Final = (
    "What it did could not be kept: the transaction was marked for rollback, as by a "
    "database error that was caught without transaction.atomic() around it."
)


class MarkedForRollback(RuntimeError):
    """A hook caught a database error, so its transaction cannot be committed."""


def explain(exc: Exception, viewset: Any) -> problems.Failure | None:
    """Return the failure that an exception describes, or None if it is unexpected.

    `viewset` is an instance; it makes the pointers into the client's data.
    """
    try:
        return problems.explain(exc, to_pointer=viewset.get_bulk_pointer)
    except Exception:  # the exception's attributes are invalid
        return None


def explain_unexpected(exc: BaseException, *, status: int = 500) -> problems.Failure:
    """Return the failure for an unexpected exception, without its details.

    `status` is the one that the project's handler answered. Below 500 it is no bug.
    """
    if isinstance(exc, MarkedForRollback) or _is_in_broken_transaction(exc):
        return problems.get_unexpected(MARKED)
    if isinstance(exc, RuntimeError) and "durable atomic block" in str(exc):
        return problems.get_unexpected(DURABLE)
    if 400 <= status < 500:
        return problems.get_unexpected(FAILED)
    return problems.get_unexpected()


def _is_in_broken_transaction(exc: BaseException) -> bool:
    """Return True if a query was run after a database error that was caught."""
    return isinstance(
        exc, TransactionManagementError
    ) and "until the end of the 'atomic' block" in str(exc)


def note_exception(state: OperationState, exc: Exception) -> None:
    """Record an exception and roll back, before the project's handler is called."""
    state.exception, state.handled = exc, None
    state.failure = explain(exc, state.bare)
    if state.undo is not None:
        state.is_undone = True
        state.undo()


def explain_call(
    state: OperationState, response: HttpResponseBase
) -> problems.Failure | None:
    """Return why a call failed, or None if it did not.

    The exception is explained if the response was made from it. An error status of the
    project's handler is kept.
    """
    exc, status = state.exception, response.status_code
    if exc is None or not _is_of_exception(state, response):
        if 200 <= status < 300:
            return problems.get_unexpected(UNDONE) if state.is_undone else None
        return explain_response(response, state.bare)
    failure = state.failure or explain_unexpected(exc, status=status)
    return replace(failure, status=status) if status >= 400 else failure


def _is_of_exception(state: OperationState, response: HttpResponseBase) -> bool:
    handled = state.handled
    return handled is not None and (
        handled is response or handled.status_code == response.status_code
    )


def explain_response(response: HttpResponseBase, viewset: Any) -> problems.Failure:
    """Return the failure that an error response describes."""
    document = response.data if isinstance(response, Response) else read_json(response)
    failure = problems.explain_document(
        response.status_code, document, to_pointer=viewset.get_bulk_pointer
    )
    seconds = response.headers.get("Retry-After", "")
    if not seconds.isdecimal():
        return failure
    return replace(failure, retry_after=int(seconds))


def read_json(response: HttpResponseBase) -> Any:
    """Return the JSON of a response that is not DRF's, or None for another type."""
    media_type = response.headers.get("Content-Type", "").partition(";")[0]
    if media_type != "application/json" or response.streaming:
        return None
    try:
        return json.loads(getattr(response, "content", b""))
    except ValueError:
        return None


def announce(
    batch: Batch, operation: Operation, *, exc: Exception | None = None
) -> None:
    """Report an unexpected exception to the log and to error monitors.

    `exc` is one that the project's handler has answered. As for a single request,
    monitors are not told of it. Without `exc`, the exception being handled is reported.
    """
    http = batch.http
    raised = exc or sys.exc_info()[1]
    if raised is not None:
        batch.reports.tell(operation, http, raised)
    if exc is None:
        got_request_exception.send(sender=OperationState, request=http)


def has_drfs_exception_handling(view: Any) -> bool:
    """Return True if the view handles exceptions exactly as DRF does."""
    return (
        is_inherited(type(view), "handle_exception")
        and view.get_exception_handler() is exception_handler
    )


def has_drfs_answers(viewset: Any) -> bool:
    """Return True if all responses of a viewset class, errors included, are DRF's."""
    return (
        all(
            is_inherited(viewset, name)
            for name in (
                "dispatch",
                "handle_exception",
                "get_exception_handler",
                "finalize_response",
            )
        )
        and viewset.settings.EXCEPTION_HANDLER is exception_handler
    )
